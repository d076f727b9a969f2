package org.alexnetedge.ort;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Writes ONNX Runtime's adapter format, a flatbuffer (adapter_schema.fbs, format version 1): tables
 * begin with the distance to a list of where their fields lie, everything else is found by
 * distances forward.
 */
final class AdapterFile {
  private static final int FLOAT = 1;

  private final ByteBuffer file = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  private AdapterFile() {}

  /** One tensor of the adapter. */
  record Parameter(long[] shape, float[] values) {}

  static byte[] of(int formatVersion, Map<String, Parameter> parameters) {
    AdapterFile writer = new AdapterFile();
    writer.write(formatVersion, parameters);
    byte[] bytes = new byte[writer.file.position()];
    writer.file.flip().get(bytes);
    return bytes;
  }

  private void write(int formatVersion, Map<String, Parameter> parameters) {
    int root = hole();
    file.put("TORT".getBytes(StandardCharsets.US_ASCII));
    table(root);
    file.putInt(formatVersion).putInt(1).putInt(1); // The adapter's version, and the model's.
    int list = hole();
    reach(list);
    file.putInt(parameters.size());
    int[] entries = new int[parameters.size()];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = hole();
    }
    int i = 0;
    for (Map.Entry<String, Parameter> parameter : parameters.entrySet()) {
      parameter(entries[i++], parameter.getKey(), parameter.getValue());
    }
  }

  private void parameter(int reference, String name, Parameter parameter) {
    table(reference);
    int nameHole = hole();
    int shape = hole();
    file.putInt(FLOAT);
    int values = hole();
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    reach(nameHole);
    file.putInt(text.length).put(text).put((byte) 0);
    vector(shape, parameter.shape().length);
    for (long size : parameter.shape()) {
      file.putLong(size);
    }
    vector(values, 4 * parameter.values().length);
    for (float value : parameter.values()) {
      file.putFloat(value);
    }
  }

  /** Begins a table of four fields of four bytes each. */
  private void table(int reference) {
    align(4, 0);
    int fields = file.position();
    file.putShort((short) 12).putShort((short) 20); // Sizes of this list and of the table.
    for (int field = 0; field < 4; field++) {
      file.putShort((short) (4 + 4 * field));
    }
    reach(reference);
    file.putInt(file.position() - fields);
  }

  /** Begins a list whose elements are aligned to 8 bytes behind its count. */
  private void vector(int reference, int count) {
    align(8, 4);
    reach(reference);
    file.putInt(count);
  }

  private int hole() {
    file.putInt(0);
    return file.position() - 4;
  }

  /** Fills a hole with the distance to here. */
  private void reach(int hole) {
    align(4, 0);
    file.putInt(hole, file.position() - hole);
  }

  private void align(int to, int offset) {
    while (file.position() % to != offset) {
      file.put((byte) 0);
    }
  }
}
