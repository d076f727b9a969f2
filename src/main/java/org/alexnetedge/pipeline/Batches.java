package org.alexnetedge.pipeline;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.alexnetedge.image.ImageException;
import org.alexnetedge.image.Preprocessor;
import org.alexnetedge.ort.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Decodes inputs into batches, on threads of its own, ahead of whoever takes the batches: input n
 * is in slot n % capacity of batch n / capacity, whatever the threads do.
 *
 * <p>A few batches go round: {@link #next} gives the oldest when all its slots are finished, {@link
 * #recycle} takes it back. So memory is bounded, and decoders wait when the model is slower.
 *
 * <p>{@link #next}, {@link #recycle} and {@link #close} are for one thread, {@link #stop} for any.
 */
public final class Batches implements AutoCloseable {
  /** One with the model, one ready for it, one being filled. */
  private static final int ROUND = 3;

  private final Inputs inputs;
  private final List<Batch> all = new ArrayList<>();
  private final List<Thread> decoders = new ArrayList<>();
  private final LongAdder readNanos = new LongAdder();
  private final LongAdder decodeNanos = new LongAdder();

  /** Held while an input is claimed, which may read a folder or a list. */
  private final Object claiming = new Object();

  private @Nullable Batch filling; // guarded by claiming

  private final Object state = new Object();
  private final Deque<Batch> free = new ArrayDeque<>(); // guarded by state
  private final Deque<Batch> underWay = new ArrayDeque<>(); // in order; guarded by state
  private boolean ended; // no more inputs; guarded by state
  private boolean stopped; // guarded by state
  private int working; // inputs that decoders have in hand; guarded by state
  private @Nullable Throwable broken; // guarded by state

  /**
   * Starts decoding.
   *
   * @param inputs taken from by the decoders until they end; the caller closes them after this
   * @param capacity pictures in a batch
   * @param threads number of decoders
   * @param allocate makes a batch's tensor for so many pictures
   * @param preprocessors makes a decoder's own preprocessor
   */
  public Batches(
      Inputs inputs,
      int capacity,
      int threads,
      IntFunction<Tensor> allocate,
      Supplier<Preprocessor> preprocessors) {
    this.inputs = inputs;
    try {
      for (int i = 0; i < ROUND; i++) {
        Batch batch = new Batch(allocate.apply(capacity), capacity);
        all.add(batch);
        free.add(batch);
      }
    } catch (Throwable t) {
      all.forEach(Batch::close);
      throw t;
    }
    for (int i = 0; i < threads; i++) {
      decoders.add(
          Thread.ofPlatform()
              .daemon()
              .name("decoder-" + (i + 1))
              .start(() -> decode(preprocessors)));
    }
  }

  /**
   * The next batch, in order, when it is complete; null after the last, and after {@link #stop}.
   *
   * @throws InterruptedException when the thread is interrupted
   */
  public @Nullable Batch next() throws InterruptedException {
    synchronized (state) {
      while (!stopped) {
        if (broken != null) {
          throw new IllegalStateException("Decoding broke off: " + broken, broken);
        }
        Batch oldest = underWay.peekFirst();
        if (oldest != null && oldest.isComplete()) {
          return underWay.removeFirst();
        }
        if (oldest == null && ended) {
          return null;
        }
        state.wait();
      }
      return null;
    }
  }

  /** Wakes who waits in {@link #next}, and lets the decoders end. Stopping twice is nothing. */
  public void stop() {
    synchronized (state) {
      stopped = true;
      state.notifyAll();
    }
  }

  /** Gives a batch back to be filled again. */
  public void recycle(Batch batch) {
    synchronized (state) {
      free.addLast(batch);
      state.notifyAll();
    }
  }

  /** Time that the decoders have spent reading inputs, in nanoseconds, all threads together. */
  public long readNanos() {
    return readNanos.sum();
  }

  /** Time that the decoders have spent on pixels, in nanoseconds, all threads together. */
  public long decodeNanos() {
    return decodeNanos.sum();
  }

  /** What a decoder works on. */
  private record Claim(Batch batch, int slot, Input input) {}

  private void decode(Supplier<Preprocessor> preprocessors) {
    try (Preprocessor preprocessor = preprocessors.get();
        EncodedPicture picture = new EncodedPicture()) {
      for (Claim claim = claim(); claim != null; claim = claim()) {
        try {
          fill(claim, preprocessor, picture);
        } catch (InputException e) {
          claim.batch().fail(claim.slot(), e);
        } finally {
          release();
        }
        finish(claim.batch());
      }
    } catch (InterruptedException e) {
      // Closed.
    } catch (Throwable t) {
      synchronized (state) {
        broken = t;
        state.notifyAll();
      }
    }
  }

  private void fill(Claim claim, Preprocessor preprocessor, EncodedPicture picture)
      throws InputException {
    long start = System.nanoTime();
    try {
      claim.input().read(picture);
    } finally {
      readNanos.add(System.nanoTime() - start);
    }
    start = System.nanoTime();
    try {
      preprocessor.preprocess(picture.bytes(), claim.batch().slot(claim.slot()));
    } catch (ImageException e) {
      throw new InputException(ErrorKind.of(e.kind()), e.getMessage());
    } finally {
      decodeNanos.add(System.nanoTime() - start);
    }
  }

  /** The next input and its place, or null when there are no more. */
  private @Nullable Claim claim() throws InterruptedException {
    synchronized (claiming) {
      if (filling == null) {
        filling = open();
        if (filling == null) {
          return null;
        }
      }
      Batch batch = filling;
      Input input = inputs.next();
      if (input == null) {
        filling = null;
        end(batch);
        return null;
      }
      if (!takeUp()) {
        return null;
      }
      Claim claim = new Claim(batch, batch.claim(input), input);
      if (batch.size() == batch.capacity()) {
        filling = null;
        finish(batch); // No more slots: the batch's own share ends.
      }
      return claim;
    }
  }

  /** From here to {@link #release} the batches are in use; false when it is too late for that. */
  private boolean takeUp() {
    synchronized (state) {
      if (!stopped) {
        working++;
      }
      return !stopped;
    }
  }

  private void release() {
    synchronized (state) {
      working--;
      state.notifyAll();
    }
  }

  /** Waits for a free batch and starts it; null when there is nothing to do any more. */
  private @Nullable Batch open() throws InterruptedException {
    synchronized (state) {
      while (free.isEmpty() && !ended && !stopped) {
        state.wait();
      }
      if (ended || stopped) {
        return null;
      }
      Batch batch = free.removeFirst();
      batch.open();
      underWay.addLast(batch);
      return batch;
    }
  }

  private void end(Batch last) {
    synchronized (state) {
      ended = true;
      if (last.size() == 0) {
        underWay.removeLast();
        free.addLast(last);
      }
      state.notifyAll();
    }
    finish(last);
  }

  private void finish(Batch batch) {
    if (batch.finish()) {
      synchronized (state) {
        state.notifyAll();
      }
    }
  }

  /**
   * Ends the decoders, waits for those that work on a picture, and frees the batches. One that
   * waits for a list on standard input, which nothing can wake, ends by itself when that goes on.
   */
  @Override
  public void close() {
    stop();
    decoders.forEach(Thread::interrupt);
    boolean interrupted = false;
    synchronized (state) {
      while (working > 0) {
        try {
          state.wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    all.forEach(Batch::close);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
