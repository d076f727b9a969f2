package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads which provider took which nodes. */
final class GraphAssignment {
  private GraphAssignment() {}

  /** For each provider, the operators it runs with the number of nodes. */
  static Map<String, Map<String, Integer>> read(Api api, long session) {
    Map<String, Map<String, Integer>> nodes = new LinkedHashMap<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      MemorySegment count = arena.allocate(JAVA_LONG);
      api.call(Function.Session_GetEpGraphAssignmentInfo, session, out.address(), count.address());
      for (long subgraph : pointers(out, count)) {
        String provider = CStrings.read(api.make(Function.EpAssignedSubgraph_GetEpName, subgraph));
        Map<String, Integer> operators =
            nodes.computeIfAbsent(provider, p -> new LinkedHashMap<>());
        api.call(Function.EpAssignedSubgraph_GetNodes, subgraph, out.address(), count.address());
        for (long node : pointers(out, count)) {
          operators.merge(
              CStrings.read(api.make(Function.EpAssignedNode_GetOperatorType, node)),
              1,
              Integer::sum);
        }
      }
      return nodes;
    }
  }

  /** Copies an array of pointers that lies where {@code out} points. */
  static long[] pointers(MemorySegment out, MemorySegment count) {
    return MemorySegment.ofAddress(out.get(JAVA_LONG, 0))
        .reinterpret(count.get(JAVA_LONG, 0) * JAVA_LONG.byteSize())
        .toArray(JAVA_LONG);
  }
}
