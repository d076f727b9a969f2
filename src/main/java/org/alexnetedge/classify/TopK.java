package org.alexnetedge.classify;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ranks scores: the best K, best first, equal scores lowest index first.
 *
 * <p>NaN ranks after every number, and reaches a threshold only when that is negative infinity
 * (none). A heap of class indices keeps the K best, so a ranking takes N log K steps and allocates
 * nothing but its predictions. The heap is reused: not thread-safe, one for each thread.
 */
public final class TopK {

  private final int k;
  private final float threshold;
  private final @Nullable List<String> labels;

  /** Indices of the best so far; the worst of them is at 0, children of i at 2i+1 and 2i+2. */
  private int[] heap = new int[0];

  private int size;

  /**
   * A ranking.
   *
   * @param k how many predictions at most; more than there are classes gives them all
   * @param threshold the least score of a prediction; negative infinity for none
   * @param labels names in index order, null when not known; classes beyond its end have no label
   */
  public TopK(int k, float threshold, @Nullable List<String> labels) {
    if (k < 1) {
      throw new IllegalArgumentException("a ranking needs at least one place, not " + k);
    }
    if (Float.isNaN(threshold)) {
      throw new IllegalArgumentException("the threshold is not a number");
    }
    this.k = k;
    this.threshold = threshold;
    this.labels = labels == null ? null : List.copyOf(labels);
  }

  /**
   * The predictions of one input.
   *
   * @param scores one a class, only read
   * @return best first; empty when no score reaches the threshold
   */
  public List<Prediction> rank(float[] scores) {
    int places = Math.min(k, scores.length);
    if (heap.length < places) {
      heap = new int[places];
    }
    size = 0;
    for (int i = 0; i < scores.length; i++) {
      offer(i, places, scores);
    }
    Prediction[] ranking = new Prediction[size];
    while (size > 0) {
      int worst = heap[0];
      heap[0] = heap[--size];
      sink(0, scores);
      ranking[size] = new Prediction(worst, label(worst), scores[worst]);
    }
    return List.of(ranking);
  }

  private void offer(int index, int places, float[] scores) {
    float score = scores[index];
    if (!(score >= threshold) && !(Float.isNaN(score) && threshold == Float.NEGATIVE_INFINITY)) {
      return;
    }
    if (size < places) {
      heap[size] = index;
      rise(size++, scores);
    } else if (before(index, heap[0], scores)) {
      heap[0] = index;
      sink(0, scores);
    }
  }

  private void rise(int at, float[] scores) {
    while (at > 0) {
      int parent = (at - 1) / 2;
      if (before(heap[at], heap[parent], scores)) {
        return;
      }
      swap(at, parent);
      at = parent;
    }
  }

  private void sink(int at, float[] scores) {
    while (true) {
      int worst = at;
      for (int child = 2 * at + 1; child <= 2 * at + 2 && child < size; child++) {
        if (before(heap[worst], heap[child], scores)) {
          worst = child;
        }
      }
      if (worst == at) {
        return;
      }
      swap(at, worst);
      at = worst;
    }
  }

  private void swap(int i, int j) {
    int index = heap[i];
    heap[i] = heap[j];
    heap[j] = index;
  }

  /** Whether class i ranks before class j; 0.0 and -0.0 are equal. */
  private static boolean before(int i, int j, float[] scores) {
    float a = scores[i];
    float b = scores[j];
    if (a > b) {
      return true;
    }
    if (a < b) {
      return false;
    }
    boolean nan = Float.isNaN(a);
    return nan == Float.isNaN(b) ? i < j : !nan;
  }

  private @Nullable String label(int index) {
    return labels != null && index < labels.size() ? labels.get(index) : null;
  }
}
