package org.alexnetedge.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alexnetedge.pipeline.InputName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables of scores, as spreadsheets and other programs write them. */
class PredictionsFileTest {
  @TempDir private Path folder;

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("predictions.csv"), content);
  }

  @Test
  void numbered_scores_have_numbers_as_labels() throws Exception {
    Evaluation read =
        PredictionsFile.read(file("row,label,p0,p1\n7,1,0.25,0.75\n8,0,1e-3,1\n"), null);
    assertEquals(List.of("0", "1"), read.labels());
    assertEquals(List.of(InputName.of("row 7"), InputName.of("row 8")), read.pictures());
    assertEquals(0.75, read.scores().score(0, 1));
    assertEquals(0.001, read.scores().score(1, 0));
    assertEquals(0, read.scores().truth(1));
  }

  @Test
  void numbered_scores_take_names_from_elsewhere() throws Exception {
    Evaluation read =
        PredictionsFile.read(file("label,p0,p1\ndog,0,1\n0,1,0\n"), List.of("cat", "dog"));
    assertEquals(List.of("cat", "dog"), read.labels());
    assertEquals(1, read.scores().truth(0));
    assertEquals(0, read.scores().truth(1));
    assertEquals(InputName.of("line 2"), read.pictures().getFirst());
  }

  @Test
  void columns_may_be_named_as_the_labels() throws Exception {
    String content =
        "\uFEFFFile;Label;\"cat; small\";dog\r\n\"a \"\"b\"\".jpg\";cat; small;0.5;0.5\r\n";
    assertTrue(
        assertThrows(DataException.class, () -> PredictionsFile.read(file(content), null))
            .getMessage()
            .contains("line 2: it has 5 fields, but the header has 4"));
    Evaluation read =
        PredictionsFile.read(file(content.replace(";cat; small;", ";\"cat; small\";")), null);
    assertEquals(List.of("cat; small", "dog"), read.labels());
    assertEquals(InputName.of("a \"b\".jpg"), read.pictures().getFirst());
    assertEquals(0, read.scores().truth(0));
  }

  @Test
  void tabs_blank_lines_and_a_missing_last_line_end_are_taken() throws Exception {
    Evaluation read =
        PredictionsFile.read(file("label\tp0\tp1\n0\t1\t0\n\n1\t0\t1\r\n1\t1\t0"), null);
    assertEquals(3, read.scores().pictures());
    assertEquals("line 5", read.pictures().getLast().text());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                      | has no header",
        "row,p0,p1               | has no column 'label'; its columns are 'row', 'p0', 'p1'",
        "row,label               | has no columns of scores",
        "label,a,a               | has two columns of one name",
        "label,p0,p1             | has no rows",
        "label,p0,p1/0,1         | line 2: it has 2 fields, but the header has 3",
        "label,p0,p1/0,1,0/2,1,0 | line 3: the label '2' is none of the classes",
        "label,p0,p1/0,x,0       | line 2: 'x' in column 'p0' is no number",
        "label,p0,p1/0,NaN,0     | line 2: 'NaN' in column 'p0' is no number",
        "label,p0,p1/\"0,1,0     | line 2: a closing double quote is missing",
        "label,p0,p1/\"0\"0,1,0  | line 2: there is text behind a closing double quote",
      })
  void what_is_wrong_is_told_with_its_line(String content, String part) throws Exception {
    Path file = file(content.strip().replace('/', '\n'));
    String message =
        assertThrows(DataException.class, () -> PredictionsFile.read(file, null)).getMessage();
    assertTrue(message.startsWith(file.toString()), message);
    assertTrue(message.contains(part), message);
  }

  @Test
  void names_must_fit_the_scores() throws Exception {
    Path file = file("label,p0,p1\ncrane,1,0\n");
    assertTrue(
        assertThrows(DataException.class, () -> PredictionsFile.read(file, List.of("a")))
            .getMessage()
            .contains("scores for 2 classes, but there are 1 labels"));
    assertTrue(
        assertThrows(
                DataException.class, () -> PredictionsFile.read(file, List.of("crane", "crane")))
            .getMessage()
            .contains("line 2: the label 'crane' stands for two classes"));
  }
}
