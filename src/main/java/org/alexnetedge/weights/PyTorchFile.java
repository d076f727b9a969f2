package org.alexnetedge.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.weights.Pickled.Sequence;
import org.alexnetedge.weights.Pickled.Storage;
import org.alexnetedge.weights.Pickled.Text;
import org.alexnetedge.weights.Pickled.View;
import org.alexnetedge.weights.Pickled.Whole;

/**
 * Weights that {@code torch.save} wrote: a pickle that describes tensors, and storages with their
 * elements. Since PyTorch 1.6 all of it lies in a zip archive; before, one after the other.
 */
final class PyTorchFile {
  private static final String PICKLE = "/data.pkl";

  /** PyTorch 2.x reads version 1 to 10 and writes 3. */
  private static final int NEWEST_VERSION = 10;

  private static final long LEGACY_VERSION = 1001;

  /** A pickle of a thousand tensors has some 100 kB. */
  private static final long MOST_PICKLE = 1 << 28;

  /** Version and byte order are a word each. */
  private static final long MOST_NOTE = 64;

  private PyTorchFile() {}

  /**
   * Reads the tensors of a state dict, perhaps inside of a training checkpoint whose other entries
   * are left out. Nothing in the file is executed.
   *
   * @param arena owns the tensors' memory
   * @return tensors by name, without {@code module.} or {@code _orig_mod.} when all have it
   * @throws WeightsException when the file cannot be read, is damaged, or asks for more than data
   */
  static Map<String, Tensor> read(Path file, Arena arena) {
    try {
      // "PK" begins a zip archive, and no pickle.
      return Signature.isArchive(file) ? ofArchive(file, arena) : ofStream(file, arena);
    } catch (OutOfMemoryError e) {
      throw FileBytes.noMemory(file, e);
    }
  }

  private static Map<String, Tensor> ofArchive(Path file, Arena arena) {
    try (Archive archive = Archive.open(file);
        Arena scratch = Arena.ofConfined()) {
      String folder =
          archive.names().stream()
              .filter(name -> name.endsWith(PICKLE))
              .map(name -> name.substring(0, name.length() - PICKLE.length()))
              .findFirst()
              .orElseThrow(() -> new WeightsException(file + " has no data.pkl in it."));
      checkVersion(archive, folder, scratch, file);
      boolean bigEndian = isBigEndian(archive, folder, scratch, file);
      String where = archive.where(folder + PICKLE);
      MemorySegment pickle = archive.read(folder + PICKLE, MOST_PICKLE, scratch);
      Pickled saved = new PickleMachine(new PickleInput(pickle, where), where).run();
      return new StorageViews(
              storage -> {
                MemorySegment bytes = archive.read(folder + "/data/" + storage.key(), arena);
                if (bigEndian) {
                  turn(bytes, storage.type());
                }
                return bytes;
              },
              arena,
              file.toString())
          .tensors(StateDict.of(saved, file.toString()));
    }
  }

  private static void checkVersion(Archive archive, String folder, Arena scratch, Path file) {
    for (String member : new String[] {folder + "/version", folder + "/.data/version"}) {
      if (archive.has(member)) {
        String version = text(archive.read(member, MOST_NOTE, scratch));
        if (!version.matches("\\d{1,9}") || Integer.parseInt(version) > NEWEST_VERSION) {
          throw new WeightsException(
              file
                  + " is of version '"
                  + PickleNames.shown(version)
                  + "' of PyTorch's files; 1 to "
                  + NEWEST_VERSION
                  + " are known.");
        }
      }
    }
  }

  private static boolean isBigEndian(Archive archive, String folder, Arena scratch, Path file) {
    if (!archive.has(folder + "/byteorder")) {
      return false;
    }
    String order = text(archive.read(folder + "/byteorder", MOST_NOTE, scratch));
    return switch (order) {
      case "little" -> false;
      case "big" -> true;
      default ->
          throw new WeightsException(
              file + " is damaged: its byte order is '" + PickleNames.shown(order) + "'.");
    };
  }

  private static String text(MemorySegment bytes) {
    return PickleInput.text(bytes).strip();
  }

  /** Turns the bytes of each number around; complex numbers are two. */
  private static void turn(MemorySegment bytes, ElementType type) {
    int width =
        switch (type) {
          case COMPLEX64, COMPLEX128 -> (int) type.byteSize(1) / 2;
          default -> (int) type.byteSize(1);
        };
    for (long i = 0; i + width <= bytes.byteSize(); i += width) {
      for (int low = 0, high = width - 1; low < high; low++, high--) {
        byte first = bytes.get(ValueLayout.JAVA_BYTE, i + low);
        bytes.set(ValueLayout.JAVA_BYTE, i + low, bytes.get(ValueLayout.JAVA_BYTE, i + high));
        bytes.set(ValueLayout.JAVA_BYTE, i + high, first);
      }
    }
  }

  /**
   * Five pickles (magic number, version, the machine, what was saved, the keys of the storages),
   * and for each key its number of elements (int64) and the elements, little-endian always.
   */
  private static Map<String, Tensor> ofStream(Path file, Arena arena) {
    String where = file.toString();
    PickleInput input = new PickleInput(FileBytes.read(file, arena), where);
    PickleMachine machine = new PickleMachine(input, where);
    machine.run();
    if (!(machine.run() instanceof Whole(long version)) || version != LEGACY_VERSION) {
      throw new WeightsException(
          where + " is of another version of PyTorch's old files than " + LEGACY_VERSION + ".");
    }
    machine.run();
    Map<String, View> views = StateDict.of(machine.run(), where);
    Map<String, ElementType> types = machine.storages();
    if (!(machine.run() instanceof Sequence keys)) {
      throw new WeightsException(where + " is damaged: it does not list its storages.");
    }
    Map<String, MemorySegment> storages = new HashMap<>();
    for (Pickled each : keys.items()) {
      if (!(each instanceof Text(String key)) || !(types.get(key) instanceof ElementType type)) {
        throw new WeightsException(where + " is damaged: it holds a storage that nothing uses.");
      }
      long elements = input.int64();
      if (elements < 0 || elements > Long.MAX_VALUE / type.byteSize(1)) {
        throw new WeightsException(
            where + " is damaged: a storage would have " + elements + " elements.");
      }
      storages.put(key, input.slice(type.byteSize(elements)));
    }
    return new StorageViews(storage -> ofKey(storages, storage, where), arena, where)
        .tensors(views);
  }

  private static MemorySegment ofKey(
      Map<String, MemorySegment> storages, Storage storage, String where) {
    MemorySegment bytes = storages.get(storage.key());
    if (bytes == null) {
      throw new WeightsException(
          where + " is damaged: storage '" + PickleNames.shown(storage.key()) + "' is not in it.");
    }
    return bytes;
  }
}
