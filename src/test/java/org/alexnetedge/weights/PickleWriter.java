package org.alexnetedge.weights;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes pickles opcode by opcode (pickletools names them), valid or not. */
final class PickleWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  PickleWriter() {
    op(0x80, 2);
  }

  PickleWriter op(int... bytes) {
    for (int each : bytes) {
      out.write(each);
    }
    return this;
  }

  /** Text as it is, for opcodes and lines. */
  PickleWriter raw(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  PickleWriter int32(int value) {
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    return this;
  }

  PickleWriter int64(long value) {
    out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    return this;
  }

  /** BINUNICODE. */
  PickleWriter text(String text) {
    return op('X').int32(text.getBytes(StandardCharsets.UTF_8).length).raw(text);
  }

  /** LONG1. */
  PickleWriter number(long value) {
    return op(0x8a, 8).int64(value);
  }

  /** GLOBAL. */
  PickleWriter name(String module, String name) {
    return raw("c" + module + "\n" + name + "\n");
  }

  PickleWriter numbers(long... values) {
    op('(');
    for (long each : values) {
      number(each);
    }
    return op('t');
  }

  /** A storage by persistent id. */
  PickleWriter storage(String type, String key, long elements) {
    return op('(')
        .text("storage")
        .name("torch", type)
        .text(key)
        .text("cpu")
        .number(elements)
        .raw("tQ");
  }

  /** A call of {@code torch._utils._rebuild_tensor_v2} on a storage of float32. */
  PickleWriter tensor(String key, long elements, long offset, long[] shape, long[] strides) {
    return tensor("FloatStorage", key, elements, offset, shape, strides);
  }

  PickleWriter tensor(
      String type, String key, long elements, long offset, long[] shape, long[] strides) {
    return name("torch._utils", "_rebuild_tensor_v2")
        .op('(')
        .storage(type, key, elements)
        .number(offset)
        .numbers(shape)
        .numbers(strides)
        .op(0x89)
        .name("collections", "OrderedDict")
        .raw(")RtR");
  }

  /** STOP. */
  byte[] end() {
    op('.');
    return out.toByteArray();
  }
}
