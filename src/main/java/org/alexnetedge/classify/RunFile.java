package org.alexnetedge.classify;

import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code FILE.run}: what decided the records of {@code FILE}, as JSON {@code {"version":1,
 * "format":.., "settings":{..}}}. It stays when a run has ended: with it a later {@code --resume}
 * knows that nothing is left to do, or goes on with inputs that have come since.
 *
 * @param format how the records are written, {@link RecordFormat#code()}
 * @param settings in the order in which differences are named
 */
record RunFile(String format, Map<String, String> settings) {

  private static final int VERSION = 1;

  RunFile {
    settings = new LinkedHashMap<>(settings);
  }

  /** The run file beside an output file. */
  static Path beside(Path file) {
    return file.resolveSibling(file.getFileName() + ".run");
  }

  /** Replaces the file at once: a kill leaves the old one or the new one, whole. */
  void write(Path path) throws OutputException {
    Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
    try {
      writeText(temporary);
      Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw new OutputException("cannot write " + path + ": " + OutputException.reason(e), e);
    }
  }

  private void writeText(Path path) throws IOException {
    try (FileOutputStream out = new FileOutputStream(path.toFile())) {
      Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
      JsonWriter json = new JsonWriter(text);
      json.setHtmlSafe(false);
      json.setIndent("  ");
      json.beginObject();
      json.name("version").value(VERSION);
      json.name("format").value(format);
      json.name("settings").beginObject();
      for (Map.Entry<String, String> setting : settings.entrySet()) {
        json.name(setting.getKey()).value(setting.getValue());
      }
      json.endObject().endObject();
      text.write('\n');
      text.flush();
      out.getFD().sync();
    }
  }

  /**
   * Reads it back.
   *
   * @throws OutputException when it is no run file, or one of a newer version
   */
  static RunFile read(Path path) throws OutputException {
    try (Reader text = Files.newBufferedReader(path);
        JsonReader json = new JsonReader(text)) {
      json.setStrictness(Strictness.STRICT);
      String format = "";
      Map<String, String> settings = new LinkedHashMap<>();
      json.beginObject();
      while (json.hasNext()) {
        switch (json.nextName()) {
          case "version" -> checkVersion(json.nextInt(), path);
          case "format" -> format = json.nextString();
          case "settings" -> {
            json.beginObject();
            while (json.hasNext()) {
              settings.put(json.nextName(), json.nextString());
            }
            json.endObject();
          }
          default -> json.skipValue();
        }
      }
      json.endObject();
      return new RunFile(format, settings);
    } catch (EOFException
        | MalformedJsonException
        | JsonParseException
        | IllegalStateException
        | NumberFormatException e) {
      throw new OutputException(
          path + " is not what an earlier run wrote; start again with --overwrite", e);
    } catch (IOException e) {
      throw new OutputException("cannot read " + path + ": " + OutputException.reason(e), e);
    }
  }

  private static void checkVersion(int version, Path path) throws OutputException {
    if (version > VERSION) {
      throw new OutputException(
          "%s is of version %d, and this program knows version %d; resume with the newer program"
              .formatted(path, version, VERSION));
    }
  }

  /** Each difference to a run that wants to go on, in words; empty when there is none. */
  List<String> differences(RunFile now) {
    List<String> differences = new ArrayList<>();
    addDifference("the format", format, now.format, differences);
    Set<String> keys = new LinkedHashSet<>(now.settings.keySet());
    keys.addAll(settings.keySet());
    for (String key : keys) {
      String was = settings.getOrDefault(key, "not set");
      String is = now.settings.getOrDefault(key, "not set");
      addDifference(key, was, is, differences);
    }
    return differences;
  }

  private static void addDifference(String key, String was, String is, List<String> to) {
    if (!was.equals(is)) {
      to.add("%s was %s, is now %s".formatted(key, shown(was), shown(is)));
    }
  }

  private static String shown(String value) {
    return value.isEmpty() ? "empty" : TerminalText.escaped(value);
  }
}
