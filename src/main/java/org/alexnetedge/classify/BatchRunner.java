package org.alexnetedge.classify;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import org.alexnetedge.ort.ElementType;
import org.alexnetedge.ort.IoBinding;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.RunOptions;
import org.alexnetedge.ort.Tensor;
import org.alexnetedge.pipeline.Batch;
import org.alexnetedge.pipeline.ImageModel;

/**
 * Runs batches through a model into one output tensor that is used again and again. For one thread.
 */
final class BatchRunner implements AutoCloseable {
  private final ImageModel model;
  private final RunOptions options;
  private final boolean padded;
  private final Tensor output;
  private final MemorySegment rows;
  private final Map<Batch, IoBinding> bindings = new HashMap<>();

  /**
   * @param capacity pictures in a full batch
   * @param padded run the last batch at its full size too: a GPU searches its kernels anew for
   *     another shape, and a model may take one size only
   */
  BatchRunner(ImageModel model, int capacity, boolean padded, RunOptions options) {
    this.model = model;
    this.options = options;
    this.padded = padded;
    this.output = model.allocateOutput(capacity);
    this.rows = output.data();
  }

  /** The batch's outputs, float32 [size, classes], until the next call. */
  MemorySegment run(Batch batch) {
    boolean whole = batch.size() == batch.tensor().shape()[0];
    if (!whole && padded) {
      batch.clearRest();
    }
    if (whole || padded) {
      bindings.computeIfAbsent(batch, b -> bind(b.tensor(), output)).run(options);
    } else {
      runPart(batch);
    }
    return rows;
  }

  private void runPart(Batch batch) {
    OrtEnvironment environment = model.session().environment();
    int size = batch.size();
    try (Tensor in =
            Tensor.wrap(
                environment, batch.tensor().data(), ElementType.FLOAT, model.inputShape(size));
        Tensor out = Tensor.wrap(environment, rows, ElementType.FLOAT, model.outputShape(size));
        IoBinding binding = bind(in, out)) {
      binding.run(options);
    }
  }

  private IoBinding bind(Tensor in, Tensor out) {
    IoBinding binding = new IoBinding(model.session());
    binding.bindInput(model.input(), in);
    binding.bindOutput(model.output(), out);
    return binding;
  }

  @Override
  public void close() {
    bindings.values().forEach(IoBinding::close);
    output.close();
  }
}
