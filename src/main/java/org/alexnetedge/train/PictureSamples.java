package org.alexnetedge.train;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.image.Format;
import org.alexnetedge.image.ImageException;
import org.alexnetedge.image.Pixels;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.pipeline.EncodedPicture;
import org.alexnetedge.pipeline.Input;
import org.alexnetedge.pipeline.InputException;
import org.alexnetedge.pipeline.InputOptions;
import org.jspecify.annotations.Nullable;

/**
 * Pictures as samples, augmented or just as {@code classify} takes them. Each is decoded once if
 * the memory for that suffices, else each time; the numbers are the same. Needs {@code
 * image.OpenCv.load} before.
 *
 * <p>One thread at a time calls {@link #fill}, which shares the work among threads of this object.
 */
public final class PictureSamples implements Samples {
  private static final InputOptions FILES = InputOptions.of(first -> Format.sniff(first) != null);

  private final List<Sample> samples;
  private final PictureInput input;
  private final Augmentation augmentation;
  private final Targets targets;
  private final @Nullable Answers answers;
  private final long seed;
  private final PictureMemory memory;
  private final AtomicReferenceArray<Pixels> kept;
  private final List<Worker> workers = new ArrayList<>();
  private final ExecutorService threads;

  /**
   * Makes samples; pictures are read when they are first asked for.
   *
   * @param threads number of threads that decode and augment
   * @param memory where decoded pictures are kept; may be shared, and is not closed here
   * @throws IllegalArgumentException when the recipe always gives another size than the input's
   */
  public PictureSamples(
      List<Sample> samples,
      PictureInput input,
      Augmentation augmentation,
      Targets targets,
      long seed,
      int threads,
      PictureMemory memory) {
    this(samples, input, augmentation, targets, null, seed, threads, memory);
  }

  /**
   * The same with a teacher's answers.
   *
   * @param answers for each sample; their views are then seen in turn. Null for none
   */
  PictureSamples(
      List<Sample> samples,
      PictureInput input,
      Augmentation augmentation,
      Targets targets,
      @Nullable Answers answers,
      long seed,
      int threads,
      PictureMemory memory) {
    this.samples = List.copyOf(samples);
    this.input = input;
    this.augmentation = augmentation;
    this.targets = targets;
    this.answers = answers;
    this.seed = seed;
    this.memory = memory;
    this.kept = new AtomicReferenceArray<>(samples.size());
    for (int i = 0; i < threads; i++) {
      workers.add(new Worker());
    }
    this.threads = Threads.pool(threads, "pictures");
  }

  @Override
  public int size() {
    return samples.size();
  }

  @Override
  public long[] inputShape() {
    return input.recipe().layout() == Recipe.Layout.NCHW
        ? new long[] {3, input.height(), input.width()}
        : new long[] {input.height(), input.width(), 3};
  }

  @Override
  public int classes() {
    return targets.outputs();
  }

  @Override
  public void fill(
      int epoch,
      int[] indices,
      MemorySegment inputs,
      MemorySegment targetRows,
      MemorySegment weights)
      throws DataException {
    AtomicInteger next = new AtomicInteger();
    long bytes = 4L * 3 * input.pixels();
    List<Callable<?>> work = new ArrayList<>();
    for (Worker worker : workers) {
      work.add(
          () -> {
            int row = next.getAndIncrement();
            while (row < indices.length) {
              MemorySegment target = inputs.asSlice(row * bytes, bytes);
              worker.fill(epoch, indices[row], target, targetRows, weights, row);
              row = next.getAndIncrement();
            }
            return null;
          });
    }
    Threads.runAll(threads, work);
  }

  /** What one thread needs. */
  private final class Worker implements AutoCloseable {
    private final EncodedPicture encoded = new EncodedPicture();
    private final StoredForm form = StoredForm.of(input, augmentation.crop());
    private final AugmentedPicture augmented = new AugmentedPicture(input, augmentation, seed);
    private final Draws draws = new Draws(0);
    private final float[] first = new float[augmentation.mixes() ? 3 * input.pixels() : 0];
    private final float[] second = new float[first.length];

    void fill(
        int epoch,
        int index,
        MemorySegment target,
        MemorySegment targetRows,
        MemorySegment weights,
        int row)
        throws DataException {
      int label = samples.get(index).label();
      int view = answers == null ? epoch : answers.view(epoch);
      if (!augmentation.mixes()) {
        augmented.write(stored(index), view, index, target);
        targets.write(label, targetRows, weights, row);
        if (answers != null) {
          answers.blend(view, index, 1, index, targetRows, row);
        }
        return;
      }
      draws.restart(seed, Draws.Purpose.MIX, epoch, index);
      Mix mix = Mix.draw(augmentation, samples.size(), input.width(), input.height(), draws);
      augmented.write(stored(index), view, index, MemorySegment.ofArray(first));
      augmented.write(stored(mix.partner()), view, mix.partner(), MemorySegment.ofArray(second));
      mix.apply(first, second, input);
      MemorySegment.copy(first, 0, target, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, first.length);
      int other = samples.get(mix.partner()).label();
      double part = targets.write(label, mix.share(), other, targetRows, weights, row);
      if (answers != null) {
        answers.blend(view, index, part, mix.partner(), targetRows, row);
      }
    }

    private Pixels stored(int index) throws DataException {
      Pixels known = kept.get(index);
      if (known != null) {
        return known;
      }
      Pixels decoded = decode(samples.get(index));
      MemorySegment place = memory.take(decoded.data().byteSize());
      if (place != null) {
        place.copyFrom(decoded.data());
        // Two threads may do this at once (for a mix); then one copy is for nothing.
        kept.set(index, new Pixels(place, decoded.height(), decoded.width()));
      }
      return decoded;
    }

    private Pixels decode(Sample sample) throws DataException {
      try {
        Input.of(sample.file(), FILES).read(encoded);
        Pixels pixels = form.of(encoded.bytes());
        boolean fits = pixels.width() == input.width() && pixels.height() == input.height();
        if (augmentation.crop() == Augmentation.Crop.CENTRE && !fits) {
          throw unusable(
              sample,
              "it is %d x %d pixels after preprocessing, but the model takes %d x %d."
                  .formatted(pixels.width(), pixels.height(), input.width(), input.height()));
        }
        return pixels;
      } catch (InputException | ImageException e) {
        throw unusable(sample, e.getMessage());
      }
    }

    private static DataException unusable(Sample sample, String reason) {
      return new DataException(sample.name().text() + " cannot be used any more: " + reason);
    }

    @Override
    public void close() {
      encoded.close();
      form.close();
      augmented.close();
    }
  }

  /** Ends the threads and frees what they used; closing twice is nothing. */
  @Override
  public void close() {
    threads.close();
    workers.forEach(Worker::close);
    workers.clear();
  }
}
