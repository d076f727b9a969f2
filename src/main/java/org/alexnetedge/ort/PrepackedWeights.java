package org.alexnetedge.ort;

/**
 * Weights that ONNX Runtime has rearranged for the processor, kept once for all sessions that are
 * opened with {@link SessionOptions.Builder#prepackedWeights}. Only initialisers that the sessions
 * share are kept in it ({@link SessionOptions.Builder#initializer}).
 *
 * <p>Owned by whoever made it. Thread-safe; when it is closed before its sessions, the last of them
 * to close releases it.
 */
public final class PrepackedWeights implements AutoCloseable {
  private final OrtEnvironment environment;
  private final long handle;
  private final Lifetime lifetime;

  /** An empty container for sessions of one environment. */
  public PrepackedWeights(OrtEnvironment environment) {
    this.environment = environment;
    Api api = environment.api();
    long made = api.make(Function.CreatePrepackedWeightsContainer);
    handle = made;
    lifetime =
        new Lifetime(
            "container of prepacked weights",
            () -> api.plain(Function.ReleasePrepackedWeightsContainer, made));
  }

  /** Keeps the container for a session; the handle is valid as long as {@code uses}. */
  long enter(Uses uses) {
    uses.enter(lifetime, "container of prepacked weights", environment);
    return handle;
  }

  /** Releases the container, or leaves that to the last of its sessions. */
  @Override
  public void close() {
    lifetime.close();
  }
}
