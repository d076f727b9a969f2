package org.alexnetedge.pipeline;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.alexnetedge.ort.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Pictures on their way through the model together: slot i of the tensor belongs to input i. The
 * memory is allocated once and used again and again.
 *
 * <p>Filled by decoders, each its own slot; read by one thread after {@link Batches#next} gave it.
 */
public final class Batch implements AutoCloseable {
  private final Tensor tensor;
  private final MemorySegment[] slots;
  private final Input[] inputs;
  private final @Nullable InputException[] failures;

  /** Slots claimed and not finished yet; the batch itself holds one while it is being filled. */
  private final AtomicInteger pending = new AtomicInteger();

  private int size;

  /**
   * @param tensor float32 [slots, ...], which the batch closes
   * @param slots number of pictures
   */
  Batch(Tensor tensor, int slots) {
    this.tensor = tensor;
    this.slots = new MemorySegment[slots];
    this.inputs = new Input[slots];
    this.failures = new InputException[slots];
    MemorySegment data = tensor.data();
    long bytes = data.byteSize() / slots;
    for (int i = 0; i < slots; i++) {
      this.slots[i] = data.asSlice(i * bytes, bytes);
    }
  }

  /**
   * The pictures, float32 [capacity, C, H, W] or [capacity, H, W, C]; beyond {@link #size} stale.
   */
  public Tensor tensor() {
    return tensor;
  }

  /** Number of inputs in it: the capacity, or fewer in the last batch. */
  public int size() {
    return size;
  }

  public Input input(int slot) {
    return inputs[slot];
  }

  /** Why there is no picture in the slot, or null when there is one. */
  public @Nullable InputException failure(int slot) {
    return failures[slot];
  }

  /** Clears what is beyond {@link #size}, for a model that takes whole batches only. */
  public void clearRest() {
    for (int slot = size; slot < slots.length; slot++) {
      slots[slot].fill((byte) 0);
    }
  }

  /** Whether no slot has a picture. */
  public boolean isEmpty() {
    for (int slot = 0; slot < size; slot++) {
      if (failures[slot] == null) {
        return false;
      }
    }
    return true;
  }

  int capacity() {
    return slots.length;
  }

  MemorySegment slot(int slot) {
    return slots[slot];
  }

  void open() {
    size = 0;
    pending.set(1);
  }

  int claim(Input input) {
    int slot = size++;
    inputs[slot] = input;
    failures[slot] = null;
    pending.incrementAndGet();
    return slot;
  }

  /**
   * An input without a picture; its slot is cleared, so that a batch depends on its inputs only.
   */
  void fail(int slot, InputException failure) {
    failures[slot] = failure;
    slots[slot].fill((byte) 0);
  }

  /** True when nothing is pending any more: all slots are finished and no more will be claimed. */
  boolean finish() {
    return pending.decrementAndGet() == 0;
  }

  boolean isComplete() {
    return pending.get() == 0;
  }

  @Override
  public void close() {
    tensor.close();
  }
}
