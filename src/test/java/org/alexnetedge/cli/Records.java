package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Records of {@code classify} as a reader of the JSON sees them. */
record Records(List<JsonObject> all) {

  static Records of(Path file) {
    try {
      return of(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Records of(String lines) {
    List<JsonObject> all = new ArrayList<>();
    lines.lines().forEach(line -> all.add(JsonParser.parseString(line).getAsJsonObject()));
    return new Records(all);
  }

  /** Classifies into a file of the folder and reads it; the exit code must be 0 or 1. */
  static Records classified(Path folder, Object... arguments) {
    Path file = folder.resolve("records.jsonl");
    Object[] words =
        Stream.concat(Stream.of("classify", "-q", "-o", file, "--overwrite"), Stream.of(arguments))
            .toArray();
    Invocation run = Invocation.of(words);
    Records records = of(run.exitCode() > 1 ? Path.of("/dev/null") : file);
    boolean failed = records.all.stream().anyMatch(record -> record.has("error"));
    assertEquals(failed ? 1 : 0, run.exitCode(), run.err());
    assertEquals("", run.err());
    return records;
  }

  int size() {
    return all.size();
  }

  List<String> files() {
    return all.stream().map(record -> record.get("file").getAsString()).toList();
  }

  /** Kinds of error, "" where there is a result. */
  List<String> kinds() {
    return all.stream()
        .map(
            record ->
                record.has("error")
                    ? record.getAsJsonObject("error").get("kind").getAsString()
                    : "")
        .toList();
  }

  List<JsonObject> predictions(int record) {
    return all.get(record).getAsJsonArray("predictions").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .toList();
  }

  /** The best class of each. */
  List<Integer> best() {
    List<Integer> best = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      best.add(predictions(i).getFirst().get("index").getAsInt());
    }
    return best;
  }

  double score(int record, int place) {
    return predictions(record).get(place).get("score").getAsDouble();
  }
}
