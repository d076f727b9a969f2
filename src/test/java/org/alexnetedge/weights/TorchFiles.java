package org.alexnetedge.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Files as {@code torch.save} lays them out, around a pickle. */
final class TorchFiles {
  private TorchFiles() {}

  /** A zip archive with stored members; storages by key. */
  static byte[] archive(byte[] pickle, Map<String, byte[]> storages) throws IOException {
    return zip(members(pickle, "little", storages), ZipEntry.STORED);
  }

  static Map<String, byte[]> members(
      byte[] pickle, String byteOrder, Map<String, byte[]> storages) {
    Map<String, byte[]> members = new LinkedHashMap<>();
    members.put("a/data.pkl", pickle);
    members.put("a/byteorder", byteOrder.getBytes(StandardCharsets.US_ASCII));
    storages.forEach((key, bytes) -> members.put("a/data/" + key, bytes));
    members.put("a/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    return members;
  }

  static byte[] zip(Map<String, byte[]> members, int method) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> member : members.entrySet()) {
        ZipEntry entry = new ZipEntry(member.getKey());
        entry.setMethod(method);
        entry.setSize(member.getValue().length);
        CRC32 crc = new CRC32();
        crc.update(member.getValue());
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(member.getValue());
      }
    }
    return out.toByteArray();
  }

  /** The stream of PyTorch before 1.6; storages of elements of 4 bytes by key. */
  static byte[] stream(byte[] pickle, Map<String, byte[]> storages) {
    PickleWriter keys = new PickleWriter().raw("](");
    storages.keySet().forEach(keys::text);
    keys.op('e');
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    // Magic number 0x1950a86a20f9469cfc6c.
    out.writeBytes(
        new PickleWriter()
            .op(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19)
            .end());
    out.writeBytes(new PickleWriter().op('M', 0xe9, 0x03).end());
    out.writeBytes(new PickleWriter().op('}').text("little_endian").op(0x88, 's').end());
    out.writeBytes(pickle);
    out.writeBytes(keys.end());
    storages.forEach(
        (key, bytes) -> {
          out.writeBytes(
              ByteBuffer.allocate(8)
                  .order(ByteOrder.LITTLE_ENDIAN)
                  .putLong(bytes.length / 4)
                  .array());
          out.writeBytes(bytes);
        });
    return out.toByteArray();
  }

  /** Little-endian float32. */
  static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float each : values) {
      bytes.putFloat(each);
    }
    return bytes.array();
  }
}
