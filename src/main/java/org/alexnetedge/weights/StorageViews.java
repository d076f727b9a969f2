package org.alexnetedge.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.weights.Pickled.Storage;
import org.alexnetedge.weights.Pickled.View;

/**
 * Makes tensors of PyTorch's views. A view that lies in C order is a slice of its storage, which
 * several may share; others (transposed, every second row) are copied into order.
 */
final class StorageViews {
  /** What views may be copied to beyond twice their storages, for those that repeat elements. */
  private static final long FREE_COPIES = 1 << 20;

  private final Function<Storage, MemorySegment> reader;
  private final Arena arena;
  private final String where;
  private final Map<String, MemorySegment> storages = new HashMap<>();
  private final Map<View, Tensor> tensors = new IdentityHashMap<>();
  private long copies = FREE_COPIES;

  /**
   * Views of a file's storages.
   *
   * @param reader gives the bytes of a storage, little-endian; asked once for each key
   * @param arena owns copies
   * @param where for messages
   */
  StorageViews(Function<Storage, MemorySegment> reader, Arena arena, String where) {
    this.reader = reader;
    this.arena = arena;
    this.where = where;
  }

  /**
   * The tensors of some views.
   *
   * @throws WeightsException when one does not lie inside its storage
   */
  Map<String, Tensor> tensors(Map<String, View> views) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    views.forEach(
        (name, view) -> {
          Tensor tensor = tensors.get(view);
          if (tensor == null) {
            tensor = tensor(name, view);
            tensors.put(view, tensor);
          }
          named.put(name, tensor);
        });
    return named;
  }

  private Tensor tensor(String name, View view) {
    Storage storage = view.storage();
    String who = "tensor '" + PickleNames.shown(name) + "'";
    try {
      MemorySegment elements = elements(storage, who);
      ElementType type = view.type();
      long room = elements.byteSize() / type.byteSize(1);
      long[] shape = view.shape();
      long size = 1;
      long last = view.offset();
      for (int d = 0; d < shape.length; d++) {
        if (shape[d] < 0 || view.strides()[d] < 0) {
          throw damaged(who + " has a negative dimension or stride");
        }
        size = Math.multiplyExact(size, shape[d]);
        last =
            Math.addExact(last, Math.multiplyExact(Math.max(shape[d] - 1, 0), view.strides()[d]));
      }
      // Of no elements, none lies outside.
      if (view.offset() < 0 || (size > 0 && last >= room)) {
        throw damaged(
            who + " reaches beyond its storage '" + PickleNames.shown(storage.key()) + "'");
      }
      MemorySegment data;
      if (size == 0) {
        data = arena.allocate(0, 1);
      } else if (isOrdered(view)) {
        data = elements.asSlice(type.byteSize(view.offset()), type.byteSize(size));
      } else {
        data = ordered(view, elements, size, who);
      }
      return Tensor.of(type, shape, data);
    } catch (ArithmeticException e) {
      throw damaged(who + " has an impossible number of elements");
    }
  }

  /** The part of a storage that is meant. */
  private MemorySegment elements(Storage storage, String who) {
    MemorySegment bytes = storages.get(storage.key());
    if (bytes == null) {
      bytes = reader.apply(storage);
      storages.put(storage.key(), bytes);
      copies += 2 * bytes.byteSize();
    }
    int width = (int) storage.type().byteSize(1);
    long room = bytes.byteSize() / width;
    if (storage.elements() < 0
        || storage.elements() > room
        || storage.from() < 0
        || storage.count() < 0
        || storage.count() > storage.elements()
        || storage.from() > storage.elements() - storage.count()) {
      throw damaged(
          "storage '"
              + PickleNames.shown(storage.key())
              + "' of "
              + who
              + " should have "
              + storage.elements()
              + " elements of "
              + storage.type()
              + ", of which "
              + room
              + " are there");
    }
    return bytes.asSlice(storage.from() * width, storage.count() * width);
  }

  private static boolean isOrdered(View view) {
    long expected = 1;
    for (int d = view.shape().length - 1; d >= 0; d--) {
      if (view.shape()[d] != 1 && view.strides()[d] != expected) {
        return false;
      }
      expected *= view.shape()[d];
    }
    return true;
  }

  private MemorySegment ordered(View view, MemorySegment elements, long size, String who) {
    int width = (int) view.type().byteSize(1);
    long bytes = Math.multiplyExact(size, width);
    copies -= bytes;
    if (copies < 0) {
      throw damaged(who + " repeats the elements of its storage too often");
    }
    MemorySegment data = arena.allocate(bytes, 64);
    long[] shape = view.shape();
    long[] strides = view.strides();
    long[] index = new long[shape.length];
    long from = view.offset();
    for (long to = 0; to < size; to++) {
      copy(elements, from * width, data, to * width, width);
      // Counts up the index, the last dimension first, and moves the source along.
      for (int d = shape.length - 1; d >= 0; d--) {
        from += strides[d];
        if (++index[d] < shape[d]) {
          break;
        }
        from -= strides[d] * shape[d];
        index[d] = 0;
      }
    }
    return data;
  }

  private static void copy(MemorySegment from, long at, MemorySegment to, long where, int width) {
    if (width == 4) {
      to.set(ValueLayout.JAVA_INT_UNALIGNED, where, from.get(ValueLayout.JAVA_INT_UNALIGNED, at));
    } else {
      MemorySegment.copy(from, at, to, where, width);
    }
  }

  private WeightsException damaged(String what) {
    return new WeightsException(where + " is damaged: " + what + ".");
  }
}
