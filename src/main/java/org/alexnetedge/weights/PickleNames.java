package org.alexnetedge.weights;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.weights.Pickled.Dictionary;
import org.alexnetedge.weights.Pickled.Name;
import org.alexnetedge.weights.Pickled.Other;
import org.alexnetedge.weights.Pickled.Sequence;

/**
 * All names of Python's that a pickle of weights may ask for, and the value that each makes here.
 */
final class PickleNames {
  static final String REMEDY =
      "Save the weights alone: torch.save(model.state_dict(), \"weights.pth\").";

  private static final int MOST_SHOWN = 80;

  /** What a function makes of its arguments; nothing but a value. */
  private interface Maker {
    Pickled make(List<Pickled> arguments, String where);
  }

  private static final Map<String, Maker> FUNCTIONS = functions();

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
    makers.put("torch._utils._rebuild_tensor", PickledTensors::tensor);
    makers.put("torch._utils._rebuild_tensor_v2", PickledTensors::tensor);
    makers.put("torch._utils._rebuild_tensor_v3", PickledTensors::typedTensor);
    for (String each :
        List.of(
            "torch._utils._rebuild_parameter",
            "torch._utils._rebuild_parameter_with_state",
            "torch.nn.parameter.Parameter",
            "torch.nn.parameter.Buffer")) {
      makers.put(each, PickledTensors::parameter);
    }
    makers.put("torch._tensor._rebuild_from_type_v2", PickledTensors::tensorOfClass);
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

  /**
   * A name that a pickle asks for.
   *
   * @throws WeightsException when it is none of those known
   */
  static Name name(String module, String name, String where) {
    String full = (module.equals("__builtin__") ? "builtins" : module) + "." + name;
    if (FUNCTIONS.containsKey(full)
        || PickledTensors.STORAGES.containsKey(full)
        || PickledTensors.TYPES.containsKey(full)
        || full.equals("torch.Tensor")) {
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

  static List<Pickled> sequence(Pickled value, String where) {
    if (value instanceof Sequence sequence) {
      return sequence.items();
    }
    throw damaged(where, value.kind() + " stands where a tuple is expected");
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

  static WeightsException damaged(String where, String what) {
    return new WeightsException(where + " is damaged: " + what + ".");
  }
}
