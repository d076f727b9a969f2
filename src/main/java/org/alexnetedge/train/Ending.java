package org.alexnetedge.train;

/** Why a run ended. */
public enum Ending {
  /** After the last epoch. */
  COMPLETE,
  /** By {@link EarlyStopping}. */
  EARLY,
  /** By the time limit, perhaps within an epoch. */
  TIME,
  /** It was asked to stop, perhaps within an epoch. */
  STOPPED
}
