package org.alexnetedge.image;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The coefficients of the sizes that came last: photos of one camera share theirs. */
final class TapsCache {
  private static final int CAPACITY = 64;

  private record Key(Filter filter, int inputs, int outputs, int offset, int length) {}

  private final Map<Key, Taps> recent = new LinkedHashMap<>(16, 0.75f, true);
  private @Nullable Key lastKey;
  private @Nullable Taps last;

  Taps get(Filter filter, int inputs, int outputs, int offset, int length) {
    Key k = lastKey;
    Taps taps = last;
    if (k != null
        && taps != null
        && k.filter == filter
        && k.inputs == inputs
        && k.outputs == outputs
        && k.offset == offset
        && k.length == length) {
      return taps;
    }
    Key key = new Key(filter, inputs, outputs, offset, length);
    taps = recent.get(key);
    if (taps == null) {
      taps = Taps.of(filter, inputs, outputs, offset, length);
      if (recent.size() >= CAPACITY) {
        recent.remove(recent.keySet().iterator().next());
      }
      recent.put(key, taps);
    }
    lastKey = key;
    last = taps;
    return taps;
  }
}
