package org.alexnetedge.weights;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to a file, it is refused with a sentence or read as other numbers. */
class DamagedWeightFilesTest {
  /** Deflate's bound, and what views may be copied to beyond their storages. */
  private static final long MOST_BYTES_PER_BYTE = 3 * 1032;

  private static final long MOST_BYTES = 2 << 20;

  @TempDir private Path folder;

  private List<byte[]> whole = List.of();

  @BeforeEach
  void write_one_of_each_kind() throws Exception {
    PickleWriter pickle = new PickleWriter().raw("}(");
    pickle.text("epoch").op('K', 3).text("model").name("collections", "OrderedDict").raw(")R(");
    pickle.text("w").tensor("0", 6, 0, new long[] {2, 3}, new long[] {3, 1});
    pickle.text("t").tensor("0", 6, 0, new long[] {3, 2}, new long[] {1, 3});
    pickle.text("b").tensor("1", 2, 0, new long[] {2}, new long[] {1});
    byte[] checkpoint = pickle.op('u', 'u').end();
    Map<String, byte[]> storages =
        Map.of("0", TorchFiles.floats(0, 1, 2, 3, 4, 5), "1", TorchFiles.floats(6, 7));
    Map<String, byte[]> members = TorchFiles.members(checkpoint, "little", storages);
    whole =
        List.of(
            TorchFiles.zip(members, ZipEntry.STORED),
            TorchFiles.zip(members, ZipEntry.DEFLATED),
            TorchFiles.stream(checkpoint, storages),
            SafetensorsFileTest.file(
                "{\"__metadata__\":{\"a\":\"b\"},"
                    + "\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
                    + "\"b\":{\"dtype\":\"I16\",\"shape\":[2],\"data_offsets\":[24,28]}}",
                28));
  }

  private boolean isRead(byte[] content) throws Exception {
    Path file = Files.write(folder.resolve("a.weights"), content);
    try (CountingArena arena = new CountingArena()) {
      try {
        WeightFile.read(file, arena).tensors().values().forEach(tensor -> tensor.data().hashCode());
        return true;
      } catch (WeightsException e) {
        assertTrue(
            e.getMessage().contains("a.weights") && e.getMessage().endsWith("."), e.getMessage());
        return false;
      } finally {
        long most = MOST_BYTES + MOST_BYTES_PER_BYTE * content.length;
        assertTrue(arena.bytes() < most, arena.bytes() + " bytes for " + content.length);
      }
    }
  }

  @Test
  void whole_files_are_read() throws Exception {
    for (byte[] each : whole) {
      assertTrue(isRead(each));
    }
  }

  @Test
  void a_file_cut_off_anywhere_is_refused() throws Exception {
    for (byte[] each : whole) {
      for (int length = 0; length < each.length; length += length < 64 ? 1 : 3) {
        byte[] cut = Arrays.copyOf(each, length);
        assertTrue(!isRead(cut), "cut to " + length + " of " + each.length);
      }
    }
  }

  @Test
  void thousands_of_damages_are_refused_or_read_as_other_numbers() throws Exception {
    Random random = new Random(7);
    int read = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] each = whole.get(i % whole.size()).clone();
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        int at = random.nextInt(each.length);
        switch (random.nextInt(4)) {
          case 0 -> each[at] ^= (byte) (1 << random.nextInt(8));
          case 1 -> each[at] = (byte) random.nextInt();
          case 2 -> each[at] = -1;
          default -> {
            // A piece of the file in place of another.
            int length = Math.min(1 + random.nextInt(16), each.length - at);
            System.arraycopy(each, random.nextInt(each.length - length + 1), each, at, length);
          }
        }
      }
      read += isRead(each) ? 1 : 0;
    }
    // Neither all nor none, else the damages would try nothing.
    assertTrue(read > 300 && read < 2700, read + " were read");
  }

  @Test
  void members_that_share_their_bytes_are_refused() throws Exception {
    byte[] zip = whole.getFirst();
    // The sizes of the first member (compressed, plain) in the directory at the file's end.
    int directory = indexOf(zip, new byte[] {'P', 'K', 1, 2});
    byte[] damaged = zip.clone();
    for (int offset : new int[] {20, 24}) {
      damaged[directory + offset + 1] = (byte) (zip.length >> 8);
    }
    Path file = Files.write(folder.resolve("a.weights"), damaged);
    String message =
        assertThrows(
                WeightsException.class,
                () -> {
                  try (CountingArena arena = new CountingArena()) {
                    WeightFile.read(file, arena);
                  }
                })
            .getMessage();
    assertTrue(message.contains("more bytes than the file"), message);
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    int at = 0;
    while (!Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
      at++;
    }
    return at;
  }
}
