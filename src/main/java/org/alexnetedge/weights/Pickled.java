package org.alexnetedge.weights;

import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.onnx.ElementType;

/**
 * A value of a pickle, as far as weights need it.
 *
 * <p>Containers may be shared and may hold themselves: nothing may walk through them without a
 * bound, and none of these values prints or compares what it holds.
 */
sealed interface Pickled {
  /** What it is, for messages. */
  String kind();

  record Text(String value) implements Pickled {
    @Override
    public String kind() {
      return "text";
    }
  }

  record Whole(long value) implements Pickled {
    @Override
    public String kind() {
      return "a number";
    }
  }

  /** A name among those of {@link PickleNames}, for instance {@code torch.FloatStorage}. */
  record Name(String value) implements Pickled {
    @Override
    public String kind() {
      return "the name `" + value + "`";
    }
  }

  /** Something whose content is of no use here: None, fractions, bytes, sets, options... */
  record Other(String kind) implements Pickled {}

  /** A tuple, or a list, which may grow. */
  final class Sequence implements Pickled {
    private final boolean list;
    private final List<Pickled> items;

    private Sequence(boolean list, List<Pickled> items) {
      this.list = list;
      this.items = items;
    }

    static Sequence tuple(List<Pickled> items) {
      return new Sequence(false, items);
    }

    static Sequence list() {
      return new Sequence(true, new ArrayList<>());
    }

    boolean isList() {
      return list;
    }

    List<Pickled> items() {
      return items;
    }

    @Override
    public String kind() {
      return list ? "a list" : "a tuple";
    }
  }

  /** A dictionary: keys and values in turn, in the order they came, the same key perhaps twice. */
  final class Dictionary implements Pickled {
    private final List<Pickled> items = new ArrayList<>();

    void put(Pickled key, Pickled value) {
      items.add(key);
      items.add(value);
    }

    int size() {
      return items.size() / 2;
    }

    Pickled key(int index) {
      return items.get(2 * index);
    }

    Pickled value(int index) {
      return items.get(2 * index + 1);
    }

    @Override
    public String kind() {
      return "a dictionary";
    }
  }

  /**
   * Memory that tensors lie in, which the file holds elsewhere under a key.
   *
   * @param type of its elements; uint8 where it has no type
   * @param elements how many the file holds
   * @param from the first of them that is meant
   * @param count how many are meant
   */
  record Storage(String key, ElementType type, long elements, long from, long count)
      implements Pickled {
    @Override
    public String kind() {
      return "a storage";
    }
  }

  /**
   * A view of a storage; nothing about it is checked yet.
   *
   * @param offset of the first element in the storage; as the strides in elements of the type
   */
  record View(Storage storage, ElementType type, long offset, long[] shape, long[] strides)
      implements Pickled {
    @Override
    public String kind() {
      return "a tensor";
    }
  }
}
