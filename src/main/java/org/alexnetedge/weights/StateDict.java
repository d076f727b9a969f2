package org.alexnetedge.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.alexnetedge.weights.Pickled.Dictionary;
import org.alexnetedge.weights.Pickled.Text;
import org.alexnetedge.weights.Pickled.View;
import org.jspecify.annotations.Nullable;

/** Finds the tensors by name in what {@code torch.save} was given. */
final class StateDict {
  /** Under which names training programs put it among epochs and optimizers, best first. */
  private static final List<String> WRAPPERS =
      List.of("state_dict", "model_state_dict", "model", "net", "network", "module", "weights");

  /** What DataParallel and torch.compile put before each name. */
  private static final List<String> PREFIXES = List.of("module.", "_orig_mod.");

  private static final int MOST_WRAPPERS = 4;
  private static final int MOST_NAMED = 8;

  private StateDict() {}

  /**
   * The tensors of a saved value, in its order.
   *
   * @param where for messages
   * @throws WeightsException when it is no dictionary with tensors, perhaps in another one
   */
  static Map<String, View> of(Pickled saved, String where) {
    if (saved instanceof View) {
      throw new WeightsException(
          where + " holds a single tensor without a name. " + PickleNames.REMEDY);
    }
    if (!(saved instanceof Dictionary outer)) {
      throw new WeightsException(
          where + " holds " + saved.kind() + ", not tensors by name. " + PickleNames.REMEDY);
    }
    Dictionary dictionary = outer;
    for (int i = 0; i < MOST_WRAPPERS; i++) {
      Dictionary inner = wrapped(dictionary);
      if (inner == null) {
        break;
      }
      dictionary = inner;
    }
    Map<String, View> tensors = tensors(dictionary);
    if (tensors.isEmpty()) {
      throw new WeightsException(
          where
              + " holds no tensors by name where they are looked for; its entries are "
              + names(outer)
              + ". "
              + PickleNames.REMEDY);
    }
    return unprefixed(tensors);
  }

  /** The dictionary inside that is meant, if there is one. */
  private static @Nullable Dictionary wrapped(Dictionary outer) {
    Map<String, Dictionary> inside = new LinkedHashMap<>();
    boolean tensors = false;
    for (int i = 0; i < outer.size(); i++) {
      if (outer.key(i) instanceof Text(String name)) {
        if (outer.value(i) instanceof Dictionary dictionary) {
          inside.put(name, dictionary);
        }
        tensors |= outer.value(i) instanceof View;
      }
    }
    for (String name : WRAPPERS) {
      Dictionary dictionary = inside.get(name);
      if (dictionary != null && holdsTensors(dictionary)) {
        return dictionary;
      }
    }
    if (tensors) {
      return null;
    }
    // Else the only one with tensors, or a wrapper whose tensors lie deeper.
    List<Dictionary> candidates =
        inside.values().stream().filter(StateDict::holdsTensors).limit(2).toList();
    if (candidates.size() == 1) {
      return candidates.getFirst();
    }
    return WRAPPERS.stream().filter(inside::containsKey).map(inside::get).findFirst().orElse(null);
  }

  private static boolean holdsTensors(Dictionary dictionary) {
    for (int i = 0; i < dictionary.size(); i++) {
      if (dictionary.key(i) instanceof Text && dictionary.value(i) instanceof View) {
        return true;
      }
    }
    return false;
  }

  private static Map<String, View> tensors(Dictionary dictionary) {
    Map<String, View> tensors = new LinkedHashMap<>();
    for (int i = 0; i < dictionary.size(); i++) {
      if (dictionary.key(i) instanceof Text(String name)
          && dictionary.value(i) instanceof View view) {
        tensors.put(name, view);
      }
    }
    return tensors;
  }

  private static Map<String, View> unprefixed(Map<String, View> tensors) {
    Map<String, View> names = tensors;
    for (int i = 0; i < MOST_WRAPPERS; i++) {
      for (String prefix : PREFIXES) {
        if (names.keySet().stream().allMatch(n -> n.startsWith(prefix) && !n.equals(prefix))) {
          Map<String, View> shorter = new LinkedHashMap<>();
          names.forEach((name, view) -> shorter.put(name.substring(prefix.length()), view));
          names = shorter;
        }
      }
    }
    return names;
  }

  private static String names(Dictionary dictionary) {
    StringJoiner names = new StringJoiner(", ");
    int named = Math.min(dictionary.size(), MOST_NAMED);
    for (int i = 0; i < named; i++) {
      names.add(
          dictionary.key(i) instanceof Text(String name)
              ? "'" + PickleNames.shown(name) + "'"
              : dictionary.key(i).kind());
    }
    if (dictionary.size() > named) {
      names.add("...");
    }
    return dictionary.size() == 0 ? "none" : names.toString();
  }
}
