package org.alexnetedge.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.ort.ElementType;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.ort.Tensor;
import org.alexnetedge.pipeline.ImageModel;

/**
 * Computes features: pictures are decoded on several threads, and go in batches through the frozen
 * part of a model on any device.
 *
 * @param environment of the library that runs the model
 * @param session device and threads
 * @param batch pictures that go through the model together, when it does not fix their number
 * @param threads that decode
 */
public record FeatureExtraction(
    OrtEnvironment environment, SessionOptions session, int batch, int threads) {

  public FeatureExtraction {
    if (batch < 1 || threads < 1) {
      throw new IllegalArgumentException(
          "The batch and the decoding threads must be 1 or more, got %d and %d."
              .formatted(batch, threads));
    }
  }

  /**
   * Computes all features of a request. Needs {@code image.OpenCv.load} before.
   *
   * @param progress told after each batch how many views are done, of {@code samples * views}
   * @throws DataException when a picture cannot be used any more, or has no finite features; it
   *     names the file
   * @throws org.alexnetedge.ort.OrtException when the model or the device cannot be used
   * @throws InterruptedException when the thread is interrupted; nothing is kept then
   */
  public Features compute(FeatureRequest request, IntConsumer progress)
      throws DataException, InterruptedException {
    PictureInput input = request.input();
    try (ImageModel model = open(request);
        PictureMemory none = new PictureMemory(0);
        Samples plain = samples(request, Augmentation.NONE, none);
        Samples augmented =
            request.firstView() + request.views() > 1
                ? samples(request, request.augmentation(), none)
                : plain) {
      Arena arena = Arena.ofAuto(); // Decoders write to it, so it belongs to no thread.
      int capacity = model.batch() > 0 ? model.batch() : batch;
      boolean padded = model.batch() > 0 || !session.providers().isEmpty();
      int count = request.samples().size();
      MemorySegment pixels = arena.allocate(12L * capacity * input.pixels(), 64);
      MemorySegment targets = arena.allocate(4L * capacity * request.classes(), 64);
      MemorySegment weights = arena.allocate(4L * capacity, 64);
      long row = 4L * model.classes();
      MemorySegment features = Arena.ofAuto().allocate(row * count * request.views(), 64);
      int done = 0;
      for (int from = 0; from < count; from += capacity) {
        int[] indices = IntStream.range(from, Math.min(from + capacity, count)).toArray();
        int rows = padded ? capacity : indices.length;
        for (int view = 0; view < request.views(); view++) {
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
          int number = request.firstView() + view;
          // The number of an epoch is that of the view.
          (number == 0 ? plain : augmented).fill(number, indices, pixels, targets, weights);
          pixels.asSlice(12L * indices.length * input.pixels()).fill((byte) 0);
          try (Tensor in =
                  Tensor.wrap(environment, pixels, ElementType.FLOAT, model.inputShape(rows));
              Outputs outputs =
                  model.session().run(Map.of(model.input(), in), List.of(model.output()), null)) {
            MemorySegment computed = outputs.tensor(model.output()).data();
            for (int i = 0; i < indices.length; i++) {
              MemorySegment one = computed.asSlice(i * row, row);
              checkFinite(one, request.samples().get(indices[i]));
              long to = ((long) indices[i] * request.views() + view) * row;
              MemorySegment.copy(one, 0, features, to, row);
            }
          }
          done += indices.length;
          progress.accept(done);
        }
      }
      long[] shape = {count, request.views(), model.classes()};
      return new Features(
          org.alexnetedge.onnx.Tensor.of(
              org.alexnetedge.onnx.ElementType.FLOAT32, shape, features));
    }
  }

  private ImageModel open(FeatureRequest request) {
    Session opened = Session.open(environment, request.frozen(), session);
    try {
      return ImageModel.of(opened, request.input().recipe());
    } catch (Throwable t) {
      opened.close();
      throw t;
    }
  }

  private Samples samples(FeatureRequest request, Augmentation augmentation, PictureMemory memory) {
    Targets targets = Targets.plain(request.classes(), request.classes());
    return new PictureSamples(
        request.samples(), request.input(), augmentation, targets, request.seed(), threads, memory);
  }

  private static void checkFinite(MemorySegment features, Sample sample) throws DataException {
    for (long i = 0; i < features.byteSize() / 4; i++) {
      float feature = features.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      if (!Float.isFinite(feature)) {
        throw new DataException(
            "%s cannot be used: the model gives %s for it, which is no number to learn from."
                .formatted(sample.name().text(), feature));
      }
    }
  }
}
