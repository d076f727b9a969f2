package org.alexnetedge.pipeline;

import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a run over inputs would record: for each a line "name: content" or "name! kind". */
record Found(List<String> records, long skipped) {
  private static final byte[] MAGIC = "PICTURE".getBytes(StandardCharsets.US_ASCII);

  /** Options whose pictures begin with "PICTURE". */
  static final InputOptions OPTIONS =
      InputOptions.of(
          first ->
              first.length >= MAGIC.length
                  && List.of(0, 1, 2, 3, 4, 5, 6).stream().allMatch(i -> first[i] == MAGIC[i]));

  static Found by(InputOptions options, String... words) {
    List<String> records = new ArrayList<>();
    try (Inputs inputs =
            new Inputs(List.of(words).stream().map(Argument::parse).toList(), options);
        EncodedPicture picture = new EncodedPicture()) {
      for (Input input = inputs.next(); input != null; input = inputs.next()) {
        records.add(record(input, picture));
      }
      return new Found(records, inputs.skipped());
    }
  }

  static Found by(String... words) {
    return by(OPTIONS, words);
  }

  /** The names alone, each without this prefix. */
  List<String> names(String prefix) {
    return records.stream()
        .map(record -> record.substring(prefix.length()).replaceFirst("(: |! ).*$", ""))
        .toList();
  }

  static String content(EncodedPicture picture) {
    return new String(picture.bytes().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  private static String record(Input input, EncodedPicture picture) {
    String name =
        input.name().bytesHex() == null ? input.name().text() : "hex " + input.name().bytesHex();
    try {
      input.read(picture);
      return name + ": " + content(picture);
    } catch (InputException e) {
      check(e.getMessage());
      return name + "! " + e.kind().code();
    }
  }

  /** Messages are sentences. */
  private static void check(String message) {
    if (!message.matches("(?s)[A-Z].*\\.")) {
      throw new AssertionError("not a sentence: " + message);
    }
  }
}
