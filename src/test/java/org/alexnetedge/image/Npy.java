package org.alexnetedge.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The bytes of a NumPy file's array (version 1.0). */
record Npy(String header, byte[] data) {
  static Npy read(Path file) {
    try {
      byte[] all = Files.readAllBytes(file);
      ByteBuffer buffer = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
      int length = Short.toUnsignedInt(buffer.getShort(8));
      return new Npy(
          new String(all, 10, length, StandardCharsets.ISO_8859_1),
          Arrays.copyOfRange(all, 10 + length, all.length));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
