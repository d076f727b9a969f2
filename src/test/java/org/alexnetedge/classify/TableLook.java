package org.alexnetedge.classify;

import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.alexnetedge.pipeline.ErrorKind;
import org.alexnetedge.pipeline.InputName;

/** Prints the table as it looks at some widths: {@code TableLook [WIDTH] [colours]}. */
final class TableLook {

  static final List<ClassifyRecord> RECORDS =
      List.of(
          result(
              "photos/golden.jpg",
              new Prediction(207, "golden retriever", 0.9731f),
              new Prediction(208, "Labrador retriever", 0.0122f),
              new Prediction(222, "kuvasz", 0.0041f),
              new Prediction(257, "Great Pyrenees", 0.0002f),
              new Prediction(1, "tench", 0)),
          result(
              "photos/holiday/2024/greenland/husky-over-the-hill.jpg",
              new Prediction(248, "Eskimo dog", 0.4312f),
              new Prediction(250, "Siberian husky", 0.41f),
              new Prediction(249, "malamute", 0.0991f)),
          new ClassifyRecord.Failure(
              InputName.of("photos/notes.txt"),
              ErrorKind.NOT_AN_IMAGE,
              "This is not an image: it begins with \"Meeting of May 3\", and no image format that"
                  + " is read here begins like that."),
          result("photos/\u001b[2Jevil\n.jpg", new Prediction(7, null, 0.99999f)),
          result(
              "photos/日本の犬/柴犬と秋田犬の写真集.jpg",
              new Prediction(3, "a label that is far longer than its column is wide", 1),
              new Prediction(4, "and another that is just as long as the first one", 0.2f)),
          result("photos/nothing.jpg"));

  private TableLook() {}

  private static ClassifyRecord result(String file, Prediction... predictions) {
    return new ClassifyRecord.Result(InputName.of(file), List.of(predictions));
  }

  static String table(int width, boolean colours) throws IOException {
    TableRows rows = new TableRows(width, colours);
    StringWriter text = new StringWriter();
    for (ClassifyRecord record : RECORDS) {
      rows.write(record, text);
    }
    return text.toString();
  }

  public static void main(String[] args) throws IOException {
    int width = args.length > 0 ? Integer.parseInt(args[0]) : 100;
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.print(table(width, args.length > 1));
  }
}
