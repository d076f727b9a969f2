package org.alexnetedge.weights;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.weights.Pickled.Dictionary;
import org.alexnetedge.weights.Pickled.Name;
import org.alexnetedge.weights.Pickled.Other;
import org.alexnetedge.weights.Pickled.Sequence;
import org.alexnetedge.weights.Pickled.Storage;
import org.alexnetedge.weights.Pickled.Text;
import org.alexnetedge.weights.Pickled.View;
import org.alexnetedge.weights.Pickled.Whole;

/**
 * All names of Python's that a pickle of weights may ask for, and the value that each makes here.
 */
final class PickleNames {
  static final String REMEDY =
      "Save the weights alone: torch.save(model.state_dict(), \"weights.pth\").";

  /** More dimensions than any tensor has: PyTorch itself stops at 64. */
  private static final int MOST_DIMENSIONS = 64;

  private static final int MOST_SHOWN = 80;

  /** What a function makes of its arguments; nothing but a value. */
  private interface Maker {
    Pickled make(List<Pickled> arguments, String where);
  }

  private static final Map<String, Maker> FUNCTIONS = functions();
  private static final Map<String, ElementType> STORAGES = storages();
  private static final Map<String, ElementType> TYPES = types();

  private PickleNames() {}

  private static Map<String, Maker> functions() {
    Map<String, Maker> makers = new HashMap<>();
    makers.put("collections.OrderedDict", PickleNames::dictionary);
    makers.put("builtins.dict", PickleNames::dictionary);
    for (String each : List.of("collections.defaultdict", "collections.Counter")) {
      makers.put(each, (arguments, where) -> new Dictionary());
    }
    for (String each : List.of("builtins.list", "collections.deque")) {
      makers.put(each, (arguments, where) -> Sequence.list());
    }
    makers.put("torch.Size", PickleNames::size);
    makers.put("torch._utils._rebuild_tensor", PickleNames::tensor);
    makers.put("torch._utils._rebuild_tensor_v2", PickleNames::tensor);
    makers.put("torch._utils._rebuild_tensor_v3", PickleNames::typedTensor);
    for (String each :
        List.of(
            "torch._utils._rebuild_parameter",
            "torch._utils._rebuild_parameter_with_state",
            "torch.nn.parameter.Parameter",
            "torch.nn.parameter.Buffer")) {
      makers.put(each, PickleNames::parameter);
    }
    makers.put("torch._tensor._rebuild_from_type_v2", PickleNames::tensorOfClass);
    // What stands beside the weights in a checkpoint, whose content is of no use here.
    for (String each :
        List.of(
            "_codecs.encode",
            "argparse.Namespace",
            "types.SimpleNamespace",
            "builtins.set",
            "builtins.frozenset",
            "builtins.bytes",
            "builtins.bytearray",
            "builtins.complex",
            "builtins.slice",
            "builtins.int",
            "builtins.float",
            "builtins.bool",
            "builtins.str",
            "pathlib.Path",
            "pathlib.PosixPath",
            "pathlib.PurePosixPath",
            "pathlib.WindowsPath",
            "pathlib.PureWindowsPath",
            "pathlib._local.Path",
            "pathlib._local.PosixPath",
            "pathlib._local.PurePosixPath",
            "pathlib._local.WindowsPath",
            "pathlib._local.PureWindowsPath",
            "datetime.datetime",
            "datetime.date",
            "datetime.timedelta",
            "torch.device",
            "torch.serialization._get_layout")) {
      makers.put(each, (arguments, where) -> new Other("a value of `" + each + "`"));
    }
    return Map.copyOf(makers);
  }

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
   * A name that a pickle asks for.
   *
   * @throws WeightsException when it is none of those known
   */
  static Name name(String module, String name, String where) {
    String full = (module.equals("__builtin__") ? "builtins" : module) + "." + name;
    if (FUNCTIONS.containsKey(full)
        || STORAGES.containsKey(full)
        || TYPES.containsKey(full)
        || full.equals("torch.Tensor")
        || full.equals("torch.storage.TypedStorage")) {
      return new Name(full);
    }
    if (full.startsWith("torch._utils._rebuild_")) {
      throw new WeightsException(
          where
              + " holds a tensor of a kind that is not supported (`"
              + shown(full)
              + "`); plain ones with all their elements are.");
    }
    throw new WeightsException(
        where
            + " asks for `"
            + shown(full)
            + "`, which is not data; nothing was executed. "
            + REMEDY);
  }

  /** The value that a call of a known name makes. */
  static Pickled call(String name, List<Pickled> arguments, String where) {
    Maker maker = FUNCTIONS.get(name);
    if (maker == null) {
      throw damaged(where, "it calls `" + name + "`, which is no function");
    }
    return maker.make(arguments, where);
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
    throw damaged(where, "it refers to something outside of itself that is no storage");
  }

  /** {@code OrderedDict()}, or Python 2's {@code OrderedDict([[key, value], ...])}. */
  private static Pickled dictionary(List<Pickled> arguments, String where) {
    Dictionary dictionary = new Dictionary();
    if (!arguments.isEmpty()) {
      for (Pickled pair : sequence(arguments.getFirst(), where)) {
        List<Pickled> items = sequence(pair, where);
        if (items.size() != 2) {
          throw damaged(where, "an entry of a dictionary is no pair");
        }
        dictionary.put(items.get(0), items.get(1));
      }
    }
    return dictionary;
  }

  private static Pickled size(List<Pickled> arguments, String where) {
    return arguments.isEmpty()
        ? Sequence.tuple(List.of())
        : Sequence.tuple(sequence(arguments.getFirst(), where));
  }

  /** (storage, offset, sizes, strides, ...). */
  private static Pickled tensor(List<Pickled> arguments, String where) {
    if (arguments.size() >= 4 && arguments.get(0) instanceof Storage storage) {
      return view(storage, storage.type(), arguments, where);
    }
    throw damaged(where, "a tensor is made of something else than a storage");
  }

  /** (storage, offset, sizes, strides, requires_grad, hooks, type, ...). */
  private static Pickled typedTensor(List<Pickled> arguments, String where) {
    if (arguments.size() >= 7
        && arguments.get(0) instanceof Storage storage
        && arguments.get(6) instanceof Name(String name)
        && TYPES.get(name) instanceof ElementType type) {
      return view(storage, type, arguments, where);
    }
    throw damaged(where, "a tensor is made of something else than a storage");
  }

  private static View view(
      Storage storage, ElementType type, List<Pickled> arguments, String where) {
    long[] shape = numbers(arguments.get(2), where);
    long[] strides = numbers(arguments.get(3), where);
    if (!(arguments.get(1) instanceof Whole(long offset)) || shape.length != strides.length) {
      throw damaged(where, "a tensor has no offset, or not as many strides as dimensions");
    }
    return new View(storage, type, offset, shape, strides);
  }

  private static Pickled parameter(List<Pickled> arguments, String where) {
    if (!arguments.isEmpty() && arguments.getFirst() instanceof View view) {
      return view;
    }
    throw damaged(where, "a parameter is made of something else than a tensor");
  }

  /** (function, class, its arguments, state): the tensor that the function makes. */
  private static Pickled tensorOfClass(List<Pickled> arguments, String where) {
    if (arguments.size() >= 3
        && arguments.get(0) instanceof Name(String name)
        && name.startsWith("torch._utils._rebuild_tensor")) {
      return call(name, sequence(arguments.get(2), where), where);
    }
    throw damaged(where, "a tensor is made in an unknown way");
  }

  private static List<Pickled> sequence(Pickled value, String where) {
    if (value instanceof Sequence sequence) {
      return sequence.items();
    }
    throw damaged(where, value.kind() + " stands where a tuple is expected");
  }

  private static long[] numbers(Pickled value, String where) {
    List<Pickled> items = sequence(value, where);
    if (items.size() > MOST_DIMENSIONS) {
      throw damaged(where, "a tensor has " + items.size() + " dimensions");
    }
    long[] numbers = new long[items.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!(items.get(i) instanceof Whole(long number))) {
        throw damaged(where, "a dimension or stride of a tensor is " + items.get(i).kind());
      }
      numbers[i] = number;
    }
    return numbers;
  }

  /** A text of the file without control characters and not too long, for messages. */
  static String shown(String text) {
    char[] characters = text.substring(0, Math.min(text.length(), MOST_SHOWN)).toCharArray();
    for (int i = 0; i < characters.length; i++) {
      if (Character.isISOControl(characters[i])) {
        characters[i] = '?';
      }
    }
    return new String(characters) + (text.length() > MOST_SHOWN ? "..." : "");
  }

  private static WeightsException damaged(String where, String what) {
    return new WeightsException(where + " is damaged: " + what + ".");
  }
}
