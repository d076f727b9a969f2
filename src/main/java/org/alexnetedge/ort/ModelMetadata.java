package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a model file says of itself.
 *
 * @param producer the tool that wrote it
 * @param graphName name of its graph
 * @param domain reverse-DNS name space of the model
 * @param description of the model
 * @param graphDescription of the graph
 * @param version the model's version number; {@link Long#MAX_VALUE} when the file gives none
 * @param properties the model's {@code metadata_props}
 */
public record ModelMetadata(
    String producer,
    String graphName,
    String domain,
    String description,
    String graphDescription,
    long version,
    Map<String, String> properties) {

  /** Copies the properties. */
  public ModelMetadata {
    properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
  }

  static ModelMetadata of(OrtEnvironment environment, long session) {
    Api api = environment.api();
    long metadata = api.make(Function.SessionGetModelMetadata, session);
    try {
      return new ModelMetadata(
          string(environment, Function.ModelMetadataGetProducerName, metadata),
          string(environment, Function.ModelMetadataGetGraphName, metadata),
          string(environment, Function.ModelMetadataGetDomain, metadata),
          string(environment, Function.ModelMetadataGetDescription, metadata),
          string(environment, Function.ModelMetadataGetGraphDescription, metadata),
          api.make(Function.ModelMetadataGetVersion, metadata),
          properties(environment, metadata));
    } finally {
      api.plain(Function.ReleaseModelMetadata, metadata);
    }
  }

  private static String string(OrtEnvironment environment, Function function, long metadata) {
    return environment.takeString(
        environment.api().make(function, metadata, environment.allocator()));
  }

  private static Map<String, String> properties(OrtEnvironment environment, long metadata) {
    Api api = environment.api();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      MemorySegment count = arena.allocate(JAVA_LONG);
      api.call(
          Function.ModelMetadataGetCustomMetadataMapKeys,
          metadata,
          environment.allocator(),
          out.address(),
          count.address());
      long keys = out.get(JAVA_LONG, 0);
      long n = count.get(JAVA_LONG, 0);
      Map<String, String> properties = new LinkedHashMap<>();
      if (n > 0) {
        MemorySegment array = MemorySegment.ofAddress(keys).reinterpret(n * JAVA_LONG.byteSize());
        for (long i = 0; i < n; i++) {
          String key = environment.takeString(array.getAtIndex(JAVA_LONG, i));
          properties.put(
              key,
              environment.takeString(
                  api.make(
                      Function.ModelMetadataLookupCustomMetadataMap,
                      metadata,
                      environment.allocator(),
                      arena.allocateFrom(key).address())));
        }
        api.call(Function.AllocatorFree, environment.allocator(), keys);
      }
      return properties;
    }
  }
}
