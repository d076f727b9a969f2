package org.alexnetedge.classify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.alexnetedge.pipeline.ErrorKind;
import org.alexnetedge.pipeline.InputName;
import org.junit.jupiter.api.Test;

final class JsonLinesTest {

  private static final JsonLines JSON = new JsonLines();

  private static String line(ClassifyRecord record) throws IOException {
    StringWriter line = new StringWriter();
    JSON.write(record, line);
    return line.toString();
  }

  private static ClassifyRecord result(String file, Prediction... predictions) {
    return new ClassifyRecord.Result(InputName.of(file), List.of(predictions));
  }

  @Test
  void a_result_is_one_line() throws IOException {
    assertEquals(
        """
        {"file":"a <b>.jpg","predictions":[{"index":207,"label":"golden retriever","score":0.973},\
        {"index":5,"label":null,"score":1.0E-5}]}
        """,
        line(
            result(
                "a <b>.jpg",
                new Prediction(207, "golden retriever", 0.973f),
                new Prediction(5, null, 1e-5f))));
  }

  @Test
  void nothing_above_the_threshold_is_an_empty_list() throws IOException {
    assertEquals("{\"file\":\"a\",\"predictions\":[]}\n", line(result("a")));
  }

  @Test
  void an_error_is_one_line() throws IOException {
    assertEquals(
        """
        {"file":"a","error":{"kind":"too-large","message":"It's \\"big\\"\\nand tall."}}
        """,
        line(
            new ClassifyRecord.Failure(
                InputName.of("a"), ErrorKind.TOO_LARGE, "It's \"big\"\nand tall.")));
  }

  @Test
  void a_name_that_is_not_utf8_carries_its_bytes() throws IOException {
    InputName name = InputName.of(new byte[] {'k', (byte) 0xE4, 't'});
    String line = line(new ClassifyRecord.Result(name, List.of()));
    assertEquals("{\"file\":\"k\uFFFDt\",\"file_bytes\":\"6be474\",\"predictions\":[]}\n", line);
    assertEquals(new KeptRecord(name, false), JSON.read(line.strip()));
  }

  @Test
  void a_score_parses_back_to_the_same_float() throws IOException {
    Random random = new Random(3);
    for (int i = 0; i < 2000; i++) {
      float score = i < 1000 ? random.nextFloat() : Float.intBitsToFloat(random.nextInt());
      if (Float.isFinite(score)) {
        String json = line(result("a", new Prediction(0, null, score)));
        String text = json.substring(json.indexOf("score") + 7, json.indexOf('}'));
        assertEquals(score, Float.parseFloat(text));
        assertEquals(score, JsonParser.parseString(text).getAsFloat());
      }
    }
  }

  @Test
  void a_score_that_json_has_no_number_for_is_null() throws IOException {
    assertEquals(
        "{\"file\":\"a\",\"predictions\":[{\"index\":0,\"label\":\"x\",\"score\":null}]}\n",
        line(result("a", new Prediction(0, "x", Float.NaN))));
  }

  @Test
  void the_locale_changes_nothing() throws IOException {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.of("ar", "EG"));
    try {
      assertEquals(
          "{\"file\":\"a\",\"predictions\":[{\"index\":12,\"label\":\"i\",\"score\":0.5}]}\n",
          line(result("a", new Prediction(12, "i", 0.5f))));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void every_name_reads_back() throws IOException {
    for (String name :
        List.of("", "a\nb\r\t\"\\", "\u0000\u2028", "日本/\uD83D\uDC36.jpg", "\uD800")) {
      InputName input = InputName.of(name);
      byte[] written =
          line(new ClassifyRecord.Failure(input, ErrorKind.HTTP, "x"))
              .getBytes(StandardCharsets.UTF_8);
      String text = new String(written, StandardCharsets.UTF_8);
      assertEquals(text.length() - 1, text.indexOf('\n'));
      KeptRecord kept = JSON.read(text.strip());
      assertEquals(true, kept.failed() && kept.isOf(input), name);
    }
  }

  @Test
  void what_is_no_record_is_refused() {
    for (String text :
        List.of(
            "",
            "x",
            "[]",
            "{}",
            "{\"file\":\"a\"}",
            "{\"file\":\"a\",\"predictions\":{}}",
            "{\"file\":\"a\",\"error\":[]}",
            "{\"file\":7,\"predictions\":[]",
            "{\"file\":\"a\",\"predictions\":[],\"extra\":1}",
            "{\"file\":\"a\",\"predictions\":[]}{}",
            "\u0000\u0000\u0000")) {
      assertThrows(IOException.class, () -> JSON.read(text), text);
    }
  }
}
