package org.alexnetedge.artifacts;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.StoredTensor;
import org.alexnetedge.onnx.Tensor;

/**
 * The first checkpoint, as ONNX Runtime reads it: a FlatBuffer with the tables
 *
 * <pre>
 * Checkpoint  { 0 version: int32 = 2, 1 module_state }
 * ModuleState { 0 requires_grad_params: [Tensor], 1 frozen_params: [Tensor] }
 * Tensor      { 0 name: string, 1 doc_string, 2 dims: [int64], 3 data_type: int32,
 *               4 raw_data: [ubyte] }
 * </pre>
 *
 * <p>It is written front to back, all tables first and then the weights straight from their memory.
 * Offsets of a FlatBuffer are counted from where they stand, and lead forward; only a table leads
 * back, to the list of its fields (vtable).
 */
final class Checkpoint {
  private static final int VERSION = 2;
  private static final String IDENTIFIER = "ODTC";

  /** Size of each Tensor's table: its vtable's offset and four fields of 4 bytes. */
  private static final int TENSOR_SIZE = 20;

  /** Where the elements of a tensor begin: the length of a processor's vector. */
  private static final int ALIGNMENT = 16;

  /** Offsets are signed in much of the FlatBuffers code, so a file ends at 2 GB. */
  private static final long LARGEST = Integer.MAX_VALUE;

  private record Entry(String name, long[] shape, MemorySegment data) {
    int headSize() {
      return TENSOR_SIZE
          + name.getBytes(StandardCharsets.UTF_8).length
          + 8 * shape.length
          + 4 * ALIGNMENT;
    }
  }

  private final List<Entry> trained;
  private final List<Entry> frozen;

  private Checkpoint(List<Entry> trained, List<Entry> frozen) {
    this.trained = trained;
    this.frozen = frozen;
  }

  /** Averages begin as the weights themselves, whose memory they share. */
  static Checkpoint of(Parameters parameters) {
    List<Entry> frozen = entries(parameters.frozen());
    parameters
        .averages()
        .forEach((name, average) -> frozen.add(entry(average, parameters.trained().get(name))));
    return new Checkpoint(entries(parameters.trained()), frozen);
  }

  private static List<Entry> entries(Map<String, StoredTensor> tensors) {
    List<Entry> entries = new ArrayList<>();
    tensors.forEach((name, tensor) -> entries.add(entry(name, tensor)));
    return entries;
  }

  private static Entry entry(String name, StoredTensor stored) {
    Tensor tensor = stored.tensor();
    return new Entry(name, tensor.shape(), tensor.data());
  }

  /** Writes the file, replacing one that exists, by a rename: it is always whole. */
  void write(Path file) throws IOException {
    List<Entry> all = new ArrayList<>(trained);
    all.addAll(frozen);
    int headBound = 256 + all.stream().mapToInt(Entry::headSize).sum();
    long size = headBound;
    for (Entry entry : all) {
      size += entry.data().byteSize() + 2 * ALIGNMENT;
    }
    if (size > LARGEST) {
      throw new ArtifactException(
          "The model has "
              + size
              + " bytes of weights; a checkpoint of ONNX Runtime holds 2 GB at most.");
    }
    ByteBuffer head = ByteBuffer.allocate(headBound).order(ByteOrder.LITTLE_ENDIAN);
    List<Integer> rawFields = tables(head, all);
    List<Integer> starts = new ArrayList<>();
    int end = head.position();
    for (int i = 0; i < all.size(); i++) {
      int start = aligned(end + 4, ALIGNMENT) - 4;
      starts.add(start);
      head.putInt(rawFields.get(i), start - rawFields.get(i));
      end = start + 4 + (int) all.get(i).data().byteSize();
    }
    Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      write(channel, head.flip());
      for (int i = 0; i < all.size(); i++) {
        MemorySegment data = all.get(i).data();
        int gap = (int) (starts.get(i) - channel.position());
        ByteBuffer length = ByteBuffer.allocate(gap + 4).order(ByteOrder.LITTLE_ENDIAN);
        write(channel, length.putInt(gap, (int) data.byteSize()));
        write(channel, data.asByteBuffer());
      }
      channel.force(true);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * Writes all tables, and leaves open where the weights are.
   *
   * @return where the offset of each tensor's weights stands
   */
  private List<Integer> tables(ByteBuffer head, List<Entry> all) {
    head.putInt(16).put(IDENTIFIER.getBytes(StandardCharsets.US_ASCII));
    putShorts(head, 8, 12, 4, 8); // vtable: its size, the table's size, where the fields stand
    head.putInt(8).putInt(VERSION);
    int moduleState = head.position();
    head.putInt(0);
    putShorts(head, 8, 12, 4, 8);
    refer(head, moduleState);
    head.putInt(8);
    int trainedField = head.position();
    head.putInt(0);
    int frozenField = head.position();
    head.putInt(0);
    int tensorFields = head.position();
    // 0: left out. The last one keeps what follows at multiples of 4 bytes.
    putShorts(head, 14, TENSOR_SIZE, 4, 0, 8, 12, 16, 0);

    List<Integer> offsets = new ArrayList<>();
    refer(head, trainedField);
    offsets.addAll(vector(head, trained));
    refer(head, frozenField);
    offsets.addAll(vector(head, frozen));
    List<Integer> rawFields = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      refer(head, offsets.get(i));
      rawFields.add(tensor(head, all.get(i), tensorFields));
    }
    return rawFields;
  }

  /** A vector of offsets that are filled in later; returns where they stand. */
  private static List<Integer> vector(ByteBuffer head, Collection<Entry> entries) {
    head.putInt(entries.size());
    List<Integer> offsets = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      offsets.add(head.position());
      head.putInt(0);
    }
    return offsets;
  }

  private static int tensor(ByteBuffer head, Entry entry, int fields) {
    int table = head.position();
    head.putInt(table - fields).putInt(0).putInt(0).putInt(ElementType.FLOAT32.code()).putInt(0);
    refer(head, table + 4);
    byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
    head.putInt(name.length).put(name).put((byte) 0);
    // The lengths, not their count before them, are aligned to 8 bytes.
    head.position(aligned(head.position() + 4, 8) - 4);
    refer(head, table + 8);
    head.putInt(entry.shape().length);
    for (long length : entry.shape()) {
      head.putLong(length);
    }
    return table + 16;
  }

  /** Makes the offset that stands there lead here. */
  private static void refer(ByteBuffer head, int field) {
    head.putInt(field, head.position() - field);
  }

  private static void putShorts(ByteBuffer head, int... values) {
    for (int value : values) {
      head.putShort((short) value);
    }
  }

  private static int aligned(int position, int to) {
    return (position + to - 1) / to * to;
  }
}
