package org.alexnetedge.train;

/**
 * Where a run stands: {@code state.json} of a checkpoint. Everything else is a function of it, the
 * configuration, the data and the checkpoint's numbers.
 *
 * @param step optimizer steps that were done
 * @param epoch that is under way, from 0; equal to the number of whole epochs
 * @param stepInEpoch steps of it that were done
 * @param lossSum of the pictures learnt in it
 * @param right pictures of those that were right
 * @param seen pictures learnt in it
 * @param epochSeconds that it took so far
 */
record Position(
    long step,
    int epoch,
    int stepInEpoch,
    double lossSum,
    long right,
    long seen,
    double epochSeconds) {

  static final Position START = new Position(0, 0, 0, 0, 0, 0, 0);

  Position nextEpoch() {
    return new Position(step, epoch + 1, 0, 0, 0, 0, 0);
  }

  Position afterStep(double losses, long rightOnes, int pictures, double seconds) {
    return new Position(
        step + 1,
        epoch,
        stepInEpoch + 1,
        lossSum + losses,
        right + rightOnes,
        seen + pictures,
        epochSeconds + seconds);
  }
}
