package org.alexnetedge.classify;

import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.io.Writer;
import org.alexnetedge.pipeline.InputName;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object a line: {@code {"file":..,"predictions":[{"index":..,"label":..,"score":..}]}} or
 * {@code {"file":..,"error":{"kind":..,"message":..}}}; after {@code file} comes {@code file_bytes}
 * (hex) when the name is not UTF-8. A label that is not known is null, and so is a score that is
 * NaN or infinite, which JSON has no number for. Scores are the shortest text that parses back to
 * the same float.
 */
public final class JsonLines implements RecordWriter {

  @Override
  public RecordFormat format() {
    return RecordFormat.JSONL;
  }

  @Override
  public void write(ClassifyRecord record, Writer out) throws IOException {
    JsonWriter json = new JsonWriter(out);
    json.setHtmlSafe(false);
    json.beginObject();
    json.name("file").value(record.file().text());
    if (record.file().bytesHex() != null) {
      json.name("file_bytes").value(record.file().bytesHex());
    }
    switch (record) {
      case ClassifyRecord.Result result -> {
        json.name("predictions").beginArray();
        for (Prediction prediction : result.predictions()) {
          write(prediction, json);
        }
        json.endArray();
      }
      case ClassifyRecord.Failure failure -> {
        json.name("error").beginObject();
        json.name("kind").value(failure.kind().code());
        json.name("message").value(failure.message());
        json.endObject();
      }
    }
    json.endObject();
    out.write('\n');
  }

  private static void write(Prediction prediction, JsonWriter json) throws IOException {
    json.beginObject();
    json.name("index").value(prediction.index());
    json.name("label").value(prediction.label());
    json.name("score");
    if (Float.isFinite(prediction.score())) {
      json.value(prediction.score());
    } else {
      json.nullValue();
    }
    json.endObject();
  }

  @Override
  public KeptRecord read(String text) throws IOException {
    JsonReader json = new JsonReader(new StringReader(text));
    json.setStrictness(Strictness.STRICT);
    @Nullable String file = null;
    @Nullable String bytesHex = null;
    @Nullable Boolean failed = null;
    try {
      json.beginObject();
      while (json.hasNext()) {
        switch (json.nextName()) {
          case "file" -> file = json.nextString();
          case "file_bytes" -> bytesHex = json.nextString();
          case "predictions" -> failed = skip(json, JsonToken.BEGIN_ARRAY, false);
          case "error" -> failed = skip(json, JsonToken.BEGIN_OBJECT, true);
          default -> throw new IOException("it has a field that records do not have");
        }
      }
      json.endObject();
      if (json.peek() != JsonToken.END_DOCUMENT) {
        throw new IOException("there is text after the JSON object");
      }
    } catch (EOFException | MalformedJsonException | JsonParseException | IllegalStateException e) {
      throw new IOException("it is not a JSON object", e);
    }
    if (file == null || failed == null) {
      throw new IOException("it names no file, or has neither predictions nor an error");
    }
    return new KeptRecord(new InputName(file, bytesHex), failed);
  }

  private static boolean skip(JsonReader json, JsonToken expected, boolean failed)
      throws IOException {
    if (json.peek() != expected) {
      throw new IOException("its predictions or error are of another type");
    }
    json.skipValue();
    return failed;
  }
}
