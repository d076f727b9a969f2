package org.alexnetedge.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.alexnetedge.classify.Classifier;
import org.alexnetedge.classify.Summary;
import org.alexnetedge.ort.OrtLibrary;

/**
 * What {@code classify} says at the end.
 *
 * @param summary what was done
 * @param classifier what did it, still open
 * @param device name for people
 * @param skipped other files in folders
 * @param nanos since the start, opening the model included
 * @param resumable whether a run that was broken off can go on
 */
record ClassifyReport(
    Summary summary,
    Classifier classifier,
    String device,
    long skipped,
    long nanos,
    boolean resumable) {

  /** The last line: files, errors, rate, device. */
  String line() {
    double seconds = nanos / 1e9;
    List<String> parts = new ArrayList<>();
    parts.add(count(summary.files(), "file"));
    parts.add(count(summary.errors(), "error"));
    if (summary.weak() > 0) {
      parts.add(String.format(Locale.ROOT, "%,d unsure (best score below 50 %%)", summary.weak()));
    }
    if (summary.stopped()) {
      parts.add("broken off" + (resumable ? " (--resume goes on)" : ""));
    }
    if (summary.kept() > 0) {
      parts.add(String.format(Locale.ROOT, "%,d from before", summary.kept()));
    }
    if (skipped > 0) {
      parts.add(count(skipped, "other file") + " skipped");
    }
    long done = summary.files() - summary.kept();
    parts.add(String.format(Locale.ROOT, "%.1f s, %.1f images/s", seconds, done / seconds));
    parts.add(device);
    return String.join(", ", parts);
  }

  /** Where the time went, and which provider took which nodes. */
  List<String> stats() {
    List<String> lines = new ArrayList<>();
    OrtLibrary library = classifier.use().model().session().environment().library();
    lines.add(
        String.format(
            Locale.ROOT,
            "reading %.2f s, decoding and preprocessing %.2f s (all decoders together),"
                + " model %.2f s",
            summary.readNanos() / 1e9,
            summary.decodeNanos() / 1e9,
            summary.inferenceNanos() / 1e9));
    lines.add(
        "batches of "
            + classifier.batch()
            + ", weights "
            + classifier.loading().name().toLowerCase(Locale.ROOT)
            + ", "
            + library);
    if (library.apiVersion() >= 24) {
      classifier
          .use()
          .model()
          .session()
          .nodesByProvider()
          .forEach((provider, nodes) -> lines.add(provider + ": " + nodes));
    }
    return lines;
  }

  private static String count(long n, String noun) {
    return String.format(Locale.ROOT, "%,d %s%s", n, noun, n == 1 ? "" : "s");
  }
}
