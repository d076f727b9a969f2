package org.alexnetedge.weights;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Weights in {@code .safetensors} files: the length of a header (uint64, little-endian), the header
 * as JSON, and the elements of all tensors one after the other, little-endian in C order.
 */
final class SafetensorsFile {
  /** The format's own bound. */
  private static final long MOST_HEADER = 100_000_000;

  private static final int MOST_DIMENSIONS = 64;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /**
   * A tensor as the header has it.
   *
   * @param begin of its bytes, counted from the header's end
   */
  private record Entry(String name, ElementType type, long[] shape, long begin, long end) {}

  private SafetensorsFile() {}

  /**
   * Reads all tensors, in the header's order.
   *
   * @param arena owns the tensors' memory, which is one segment
   * @throws WeightsException when the file cannot be read, is damaged, or has elements of an
   *     unknown type
   */
  static Map<String, Tensor> read(Path file, Arena arena) {
    try {
      MemorySegment bytes = FileBytes.read(file, arena);
      if (bytes.byteSize() < 8) {
        throw new WeightsException(file + " is cut off: it ends inside its header.");
      }
      long length = bytes.get(LONG, 0);
      if (length < 0 || length > MOST_HEADER) {
        throw damaged(file, "its header would have " + Long.toUnsignedString(length) + " bytes");
      }
      if (length > bytes.byteSize() - 8) {
        throw new WeightsException(file + " is cut off: it ends inside its header.");
      }
      List<Entry> entries = header(bytes.asSlice(8, length), file);
      MemorySegment data = bytes.asSlice(8 + length);
      checkPlaces(entries, data.byteSize(), file);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (Entry each : entries) {
        MemorySegment elements = data.asSlice(each.begin(), each.end() - each.begin());
        tensors.put(each.name(), Tensor.of(each.type(), each.shape(), elements));
      }
      return tensors;
    } catch (OutOfMemoryError e) {
      throw FileBytes.noMemory(file, e);
    }
  }

  /** The format wants each byte to belong to exactly one tensor. */
  private static void checkPlaces(List<Entry> entries, long available, Path file) {
    List<Entry> placed = new ArrayList<>(entries);
    placed.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long end = 0;
    for (Entry each : placed) {
      if (each.end() > available) {
        throw new WeightsException(
            file
                + " is cut off: tensor '"
                + PickleNames.shown(each.name())
                + "' ends at byte "
                + each.end()
                + " of the data, of which "
                + available
                + " are there.");
      }
      if (each.begin() != end) {
        throw damaged(
            file,
            "tensor '"
                + PickleNames.shown(each.name())
                + "' begins at byte "
                + each.begin()
                + " of the data, where "
                + end
                + " is expected");
      }
      end = each.end();
    }
    if (end != available) {
      throw damaged(file, (available - end) + " bytes at its end belong to no tensor");
    }
  }

  private static List<Entry> header(MemorySegment bytes, Path file) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    // A decoder, unlike a charset, refuses what is no UTF-8.
    var reader =
        new InputStreamReader(
            new ByteArrayInputStream(bytes.toArray(ValueLayout.JAVA_BYTE)),
            StandardCharsets.UTF_8.newDecoder());
    try (JsonReader json = new JsonReader(reader)) {
      json.setStrictness(Strictness.STRICT);
      json.beginObject();
      while (json.hasNext()) {
        String name = json.nextName();
        if (name.equals("__metadata__")) {
          json.skipValue();
        } else if (entries.put(name, entry(name, json, file)) != null) {
          throw damaged(file, "it has two tensors '" + PickleNames.shown(name) + "'");
        }
      }
      json.endObject();
      // Spaces may follow; they put the data at a multiple of 8 bytes.
      if (json.peek() != JsonToken.END_DOCUMENT) {
        throw damaged(file, "its header goes on behind its end");
      }
    } catch (CharacterCodingException e) {
      throw damaged(file, "its header is not UTF-8");
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      throw new WeightsException(
          file + " is damaged: its header is not the JSON that is expected.", e);
    }
    return List.copyOf(entries.values());
  }

  private static Entry entry(String name, JsonReader json, Path file) throws IOException {
    String who = "tensor '" + PickleNames.shown(name) + "'";
    ElementType type = null;
    long[] shape = null;
    long[] places = null;
    json.beginObject();
    while (json.hasNext()) {
      switch (json.nextName()) {
        case "dtype" -> {
          String dtype = json.nextString();
          type = type(dtype);
          if (type == null) {
            throw new WeightsException(
                file
                    + " has elements of type '"
                    + PickleNames.shown(dtype)
                    + "' in "
                    + who
                    + ", which is not supported.");
          }
        }
        case "shape" -> shape = numbers(json, who, file);
        case "data_offsets" -> places = numbers(json, who, file);
        default -> json.skipValue();
      }
    }
    json.endObject();
    if (type == null || shape == null || places == null || places.length != 2) {
      throw damaged(file, who + " has no dtype, shape or data_offsets");
    }
    long length;
    try {
      long size = 1;
      for (long dimension : shape) {
        size = Math.multiplyExact(size, dimension);
      }
      length = type.byteSize(size);
    } catch (ArithmeticException e) {
      throw damaged(file, who + " has an impossible number of elements");
    }
    if (places[0] > places[1] || places[1] - places[0] != length) {
      throw damaged(
          file,
          who
              + " has "
              + length
              + " bytes by its shape and lies from byte "
              + places[0]
              + " to "
              + places[1]);
    }
    return new Entry(name, type, shape, places[0], places[1]);
  }

  private static long[] numbers(JsonReader json, String who, Path file) throws IOException {
    List<Long> numbers = new ArrayList<>();
    json.beginArray();
    while (json.hasNext()) {
      // Through text, since the reader would take 1.0 and "1" for whole numbers.
      String digits = json.peek() == JsonToken.NUMBER ? json.nextString() : "";
      if (!digits.matches("\\d{1,18}") || numbers.size() == MOST_DIMENSIONS) {
        throw damaged(file, who + " has a shape or place that is none");
      }
      numbers.add(Long.valueOf(digits));
    }
    json.endArray();
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  private static @Nullable ElementType type(String dtype) {
    return switch (dtype) {
      case "F64" -> ElementType.FLOAT64;
      case "F32" -> ElementType.FLOAT32;
      case "F16" -> ElementType.FLOAT16;
      case "BF16" -> ElementType.BFLOAT16;
      case "F8_E4M3" -> ElementType.FLOAT8E4M3FN;
      case "F8_E5M2" -> ElementType.FLOAT8E5M2;
      case "F8_E8M0" -> ElementType.FLOAT8E8M0;
      case "C64" -> ElementType.COMPLEX64;
      case "I64" -> ElementType.INT64;
      case "I32" -> ElementType.INT32;
      case "I16" -> ElementType.INT16;
      case "I8" -> ElementType.INT8;
      case "U64" -> ElementType.UINT64;
      case "U32" -> ElementType.UINT32;
      case "U16" -> ElementType.UINT16;
      case "U8" -> ElementType.UINT8;
      case "BOOL" -> ElementType.BOOL;
      default -> null;
    };
  }

  private static WeightsException damaged(Path file, String what) {
    return new WeightsException(file + " is damaged: " + what + ".");
  }
}
