package org.alexnetedge.ort;

import java.lang.foreign.Arena;

/**
 * Threads that all sessions of an environment share, instead of a pool for each session; a session
 * uses them by {@link SessionOptions.Builder#sharedThreads}.
 *
 * @param intraOp threads for one operator; 0: one for each core
 * @param interOp threads across operators; 0: one for each core
 * @param spin whether idle threads wait in a loop, which takes processor time and saves some
 *     microseconds
 * @param denormalAsZero whether the threads take numbers near zero as zero, which is quicker
 * @param affinity processors of the intra-op threads as ONNX Runtime writes them ({@code 1,2;3,4}),
 *     one group for each thread but the first; empty for none
 */
public record ThreadPools(
    int intraOp, int interOp, boolean spin, boolean denormalAsZero, String affinity) {

  /** So many threads for one operator and one across operators; they do not spin. */
  public static ThreadPools of(int intraOp) {
    return new ThreadPools(intraOp, 1, false, false, "");
  }

  /** Makes an {@code OrtThreadingOptions}, which the caller releases. */
  long create(Api api, Arena scratch) {
    long options = api.make(Function.CreateThreadingOptions);
    try {
      api.call(Function.SetGlobalIntraOpNumThreads, options, intraOp);
      api.call(Function.SetGlobalInterOpNumThreads, options, interOp);
      api.call(Function.SetGlobalSpinControl, options, spin ? 1 : 0);
      if (denormalAsZero) {
        api.call(Function.SetGlobalDenormalAsZero, options);
      }
      if (!affinity.isEmpty()) {
        api.call(
            Function.SetGlobalIntraOpThreadAffinity,
            options,
            scratch.allocateFrom(affinity).address());
      }
      return options;
    } catch (Throwable t) {
      api.plain(Function.ReleaseThreadingOptions, options);
      throw t;
    }
  }
}
