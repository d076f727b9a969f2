package org.alexnetedge.train;

/**
 * Which pictures are not learnt from, but measure what was learnt. A table's column {@code split}
 * takes the place of these: its rows {@code train} and {@code val} are used.
 */
public sealed interface Validation {
  /** No pictures, unless a table's column {@code split} names some. */
  record None() implements Validation {}

  /**
   * A share of each class, drawn by the seed: {@code round(share * n)} of its n readable pictures,
   * but at least one stays to learn from and, with two or more, at least one validates. A picture's
   * place in the draw depends on its name and the seed only, so that few change sides when pictures
   * are added.
   */
  record Share(double share) implements Validation {
    public Share {
      if (!(share > 0 && share < 1)) {
        throw new IllegalArgumentException(
            "--val-split must be a share between 0 and 1, such as 0.2, got " + share + ".");
      }
    }
  }

  /**
   * Of each class, with all pictures that were found sorted by the bytes of their paths and counted
   * from 0, those with {@code i % every == every - 1}. Unreadable ones count, so that to mend one
   * moves no other.
   */
  record Every(int every) implements Validation {
    public Every {
      if (every < 2) {
        throw new IllegalArgumentException(
            "--val-every must be 2 or more (5: each fifth picture), got " + every + ".");
      }
    }
  }

  /**
   * A folder or table of its own.
   *
   * @param given its path, as {@code RawText}
   */
  record Folder(String given) implements Validation {
    public Folder {
      if (given.isEmpty()) {
        throw new IllegalArgumentException("--val must name a folder or a table.");
      }
    }
  }
}
