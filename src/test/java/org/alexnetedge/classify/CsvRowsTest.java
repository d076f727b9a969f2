package org.alexnetedge.classify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import org.alexnetedge.pipeline.ErrorKind;
import org.alexnetedge.pipeline.InputName;
import org.junit.jupiter.api.Test;

final class CsvRowsTest {

  private static final CsvRows TWO = new CsvRows(2);

  private static String row(ClassifyRecord record) throws IOException {
    StringWriter row = new StringWriter();
    TWO.write(record, row);
    return row.toString();
  }

  @Test
  void the_header_has_columns_for_each_place() {
    assertEquals(
        "file,index1,label1,score1,index2,label2,score2,error,message,file_bytes\n", TWO.header());
  }

  @Test
  void a_result_fills_its_places_and_leaves_the_others_empty() throws IOException {
    assertEquals(
        "a.jpg,1,\"tench, Tinca tinca\",0.9,0,,0.1,,,\n",
        row(
            new ClassifyRecord.Result(
                InputName.of("a.jpg"),
                List.of(
                    new Prediction(1, "tench, Tinca tinca", 0.9f),
                    new Prediction(0, null, 0.1f)))));
    assertEquals(
        "a.jpg,1,\"\",0.9,,,,,,\n",
        row(
            new ClassifyRecord.Result(
                InputName.of("a.jpg"), List.of(new Prediction(1, "", 0.9f)))));
  }

  @Test
  void an_error_has_its_kind_and_its_sentence() throws IOException {
    assertEquals(
        "a.jpg,,,,,,,not-found,\"There is no \"\"a\"\".\",\n",
        row(
            new ClassifyRecord.Failure(
                InputName.of("a.jpg"), ErrorKind.NOT_FOUND, "There is no \"a\".")));
  }

  @Test
  void texts_are_kept_as_they_are() throws IOException {
    assertEquals(
        "=1+1,,,,,,,,,\n", row(new ClassifyRecord.Result(InputName.of("=1+1"), List.of())));
  }

  @Test
  void every_name_reads_back() throws IOException {
    for (String name : List.of("", "a,b", "\"", "a\nb\r", "\"a\"\"\n,", "日本", "plain")) {
      InputName input = InputName.of(name);
      String failure = row(new ClassifyRecord.Failure(input, ErrorKind.HTTP, "No, \"no\".\n"));
      assertEquals(
          new KeptRecord(input, true), TWO.read(failure.substring(0, failure.length() - 1)));
    }
    InputName bytes = InputName.of(new byte[] {(byte) 0xFF});
    assertEquals(
        new KeptRecord(bytes, false),
        TWO.read(row(new ClassifyRecord.Result(bytes, List.of())).stripTrailing()));
  }

  @Test
  void what_is_no_row_is_refused() {
    for (String text :
        List.of("", "a,b", "a,,,,,,,,,,", "a\"b,,,,,,,,,", "\"a\"b,,,,,,,,,", "\"a")) {
      assertThrows(IOException.class, () -> TWO.read(text), text);
    }
  }
}
