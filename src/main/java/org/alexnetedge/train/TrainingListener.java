package org.alexnetedge.train;

import java.nio.file.Path;
import java.time.Duration;

/** Told how a run goes, on the thread that trains. */
public interface TrainingListener {
  /** Something that a reader should know, a phrase without a full stop. */
  void remark(String text);

  /** So many features of so many are computed. */
  void prepared(int done, int of);

  /** The first step comes now; from here on {@link TrainingRun#stop} loses nothing. */
  void begins();

  /**
   * A step of an epoch is done.
   *
   * @param epoch from 1
   * @param epochs of the run
   * @param pictures of the epoch that were learnt
   * @param of so many
   */
  void step(int epoch, int epochs, long pictures, long of);

  /**
   * An epoch is done.
   *
   * @param remaining until the last epoch, at this pace
   */
  void epoch(EpochFigures figures, int epochs, Duration remaining);

  /** A checkpoint is in place. */
  void saved(Path checkpoint);
}
