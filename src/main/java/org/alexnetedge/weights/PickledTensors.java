package org.alexnetedge.weights;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.weights.Pickled.Name;
import org.alexnetedge.weights.Pickled.Other;
import org.alexnetedge.weights.Pickled.Sequence;
import org.alexnetedge.weights.Pickled.Storage;
import org.alexnetedge.weights.Pickled.Text;
import org.alexnetedge.weights.Pickled.View;
import org.alexnetedge.weights.Pickled.Whole;

/** What PyTorch's pickles say of storages and tensors (torch/_utils.py, torch/serialization.py). */
final class PickledTensors {
  /** Names of classes of storages, and the elements they hold. */
  static final Map<String, ElementType> STORAGES = storages();

  /** Names of element types. */
  static final Map<String, ElementType> TYPES = types();

  /** More dimensions than any tensor has: PyTorch itself stops at 64. */
  private static final int MOST_DIMENSIONS = 64;

  private PickledTensors() {}

  private static Map<String, ElementType> storages() {
    Map<String, ElementType> storages = new HashMap<>();
    Map.ofEntries(
            Map.entry("FloatStorage", ElementType.FLOAT32),
            Map.entry("HalfStorage", ElementType.FLOAT16),
            Map.entry("BFloat16Storage", ElementType.BFLOAT16),
            Map.entry("DoubleStorage", ElementType.FLOAT64),
            Map.entry("LongStorage", ElementType.INT64),
            Map.entry("IntStorage", ElementType.INT32),
            Map.entry("ShortStorage", ElementType.INT16),
            Map.entry("CharStorage", ElementType.INT8),
            Map.entry("ByteStorage", ElementType.UINT8),
            Map.entry("BoolStorage", ElementType.BOOL),
            Map.entry("ComplexFloatStorage", ElementType.COMPLEX64),
            Map.entry("ComplexDoubleStorage", ElementType.COMPLEX128))
        .forEach(
            (name, type) -> {
              storages.put("torch." + name, type);
              storages.put("torch.cuda." + name, type);
            });
    storages.put("torch.storage.UntypedStorage", ElementType.UINT8);
    storages.put("torch.UntypedStorage", ElementType.UINT8);
    return Map.copyOf(storages);
  }

  private static Map<String, ElementType> types() {
    Map<String, ElementType> types = new HashMap<>();
    types.put("torch.float", ElementType.FLOAT32);
    types.put("torch.half", ElementType.FLOAT16);
    types.put("torch.double", ElementType.FLOAT64);
    types.put("torch.long", ElementType.INT64);
    types.put("torch.int", ElementType.INT32);
    types.put("torch.short", ElementType.INT16);
    types.put("torch.float8_e4m3fn", ElementType.FLOAT8E4M3FN);
    types.put("torch.float8_e4m3fnuz", ElementType.FLOAT8E4M3FNUZ);
    types.put("torch.float8_e5m2", ElementType.FLOAT8E5M2);
    types.put("torch.float8_e5m2fnuz", ElementType.FLOAT8E5M2FNUZ);
    for (ElementType each :
        List.of(
            ElementType.FLOAT16,
            ElementType.BFLOAT16,
            ElementType.FLOAT32,
            ElementType.FLOAT64,
            ElementType.INT8,
            ElementType.INT16,
            ElementType.INT32,
            ElementType.INT64,
            ElementType.UINT8,
            ElementType.UINT16,
            ElementType.UINT32,
            ElementType.UINT64,
            ElementType.BOOL,
            ElementType.COMPLEX64,
            ElementType.COMPLEX128)) {
      types.put("torch." + each.label(), each);
    }
    return Map.copyOf(types);
  }

  /**
   * What a persistent id stands for: ('storage', type, key, device, number of elements) and, before
   * PyTorch 1.6, None or (key, first element, number of elements) of a part.
   */
  static Storage storage(Pickled id, String where) {
    if (id instanceof Sequence tuple
        && tuple.items().size() >= 5
        && tuple.items().get(0) instanceof Text(String what)
        && what.equals("storage")
        && tuple.items().get(1) instanceof Name(String name)
        && STORAGES.get(name) instanceof ElementType type
        && tuple.items().get(2) instanceof Text(String key)
        && tuple.items().get(4) instanceof Whole(long elements)) {
      if (tuple.items().size() == 5 || tuple.items().get(5) instanceof Other) {
        return new Storage(key, type, elements, 0, elements);
      }
      if (tuple.items().get(5) instanceof Sequence part
          && part.items().size() == 3
          && part.items().get(1) instanceof Whole(long from)
          && part.items().get(2) instanceof Whole(long count)) {
        return new Storage(key, type, elements, from, count);
      }
    }
    throw PickleNames.damaged(where, "it refers to something outside of itself that is no storage");
  }

  /** (storage, offset, sizes, strides, ...). */
  static Pickled tensor(List<Pickled> arguments, String where) {
    if (arguments.size() >= 4 && arguments.get(0) instanceof Storage storage) {
      return view(storage, storage.type(), arguments, where);
    }
    throw PickleNames.damaged(where, "a tensor is made of something else than a storage");
  }

  /** (storage, offset, sizes, strides, requires_grad, hooks, type, ...). */
  static Pickled typedTensor(List<Pickled> arguments, String where) {
    if (arguments.size() >= 7
        && arguments.get(0) instanceof Storage storage
        && arguments.get(6) instanceof Name(String name)
        && TYPES.get(name) instanceof ElementType type) {
      return view(storage, type, arguments, where);
    }
    throw PickleNames.damaged(where, "a tensor is made of something else than a storage");
  }

  private static View view(
      Storage storage, ElementType type, List<Pickled> arguments, String where) {
    long[] shape = numbers(arguments.get(2), where);
    long[] strides = numbers(arguments.get(3), where);
    if (!(arguments.get(1) instanceof Whole(long offset)) || shape.length != strides.length) {
      throw PickleNames.damaged(
          where, "a tensor has no offset, or not as many strides as dimensions");
    }
    return new View(storage, type, offset, shape, strides);
  }

  /** (tensor, requires_grad, hooks, ...): the tensor. */
  static Pickled parameter(List<Pickled> arguments, String where) {
    if (!arguments.isEmpty() && arguments.getFirst() instanceof View view) {
      return view;
    }
    throw PickleNames.damaged(where, "a parameter is made of something else than a tensor");
  }

  /** (function, class, its arguments, state): the tensor that the function makes. */
  static Pickled tensorOfClass(List<Pickled> arguments, String where) {
    if (arguments.size() >= 3
        && arguments.get(0) instanceof Name(String name)
        && name.startsWith("torch._utils._rebuild_tensor")) {
      return PickleNames.call(name, PickleNames.sequence(arguments.get(2), where), where);
    }
    throw PickleNames.damaged(where, "a tensor is made in an unknown way");
  }

  private static long[] numbers(Pickled value, String where) {
    List<Pickled> items = PickleNames.sequence(value, where);
    if (items.size() > MOST_DIMENSIONS) {
      throw PickleNames.damaged(where, "a tensor has " + items.size() + " dimensions");
    }
    long[] numbers = new long[items.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!(items.get(i) instanceof Whole(long number))) {
        throw PickleNames.damaged(
            where, "a dimension or stride of a tensor is " + items.get(i).kind());
      }
      numbers[i] = number;
    }
    return numbers;
  }
}
