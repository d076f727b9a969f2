package org.alexnetedge.train;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is odd about data that can be learnt from, in phrases. */
final class DataRemarks {
  /** How many names a phrase lists. */
  private static final int NAMED = 5;

  private DataRemarks() {}

  static List<String> of(TrainingData data) {
    List<String> remarks = new ArrayList<>();
    small(data, remarks);
    List<TrainingData.Shared> shared = data.shared();
    if (!shared.isEmpty()) {
      remarks.add(
          "%,d validation picture%s also learnt from (the same bytes), so validation flatters: %s"
              .formatted(
                  shared.size(),
                  shared.size() == 1 ? " is" : "s are",
                  list(shared.stream().map(s -> same(s.validation(), s.training())).toList())));
    }
    List<String> disputed = disputed(data);
    if (!disputed.isEmpty()) {
      remarks.add(
          "%,d picture%s the same bytes as one of another class: %s"
              .formatted(
                  disputed.size(), disputed.size() == 1 ? " has" : "s have", list(disputed)));
    }
    return remarks;
  }

  /** Classes with a single picture, and those that are not validated. */
  private static void small(TrainingData data, List<String> remarks) {
    int[] training = data.trainingCounts();
    int[] validation = new int[training.length];
    data.validation().forEach(sample -> validation[sample.label()]++);
    boolean validates = !data.validation().isEmpty();
    List<String> single = new ArrayList<>();
    List<String> unmeasured = new ArrayList<>();
    for (int i = 0; i < training.length; i++) {
      String label = data.labels().get(i);
      boolean measured = !validates || validation[i] > 0;
      if (training[i] == 1) {
        single.add(label);
      }
      if (!measured) {
        unmeasured.add(label);
      }
    }
    if (!single.isEmpty()) {
      remarks.add("classes with a single picture to learn from: " + named(single));
    }
    if (!unmeasured.isEmpty()) {
      remarks.add("classes without a picture to validate with: " + named(unmeasured));
    }
  }

  private static List<String> disputed(TrainingData data) {
    Map<String, Sample> known = new HashMap<>();
    List<String> disputed = new ArrayList<>();
    Stream.concat(data.training().stream(), data.validation().stream())
        .forEach(
            sample -> {
              Sample first = known.putIfAbsent(sample.sha256(), sample);
              if (first != null && first.label() != sample.label()) {
                disputed.add(same(sample, first));
              }
            });
    return disputed;
  }

  private static String same(Sample one, Sample other) {
    return one.name().text() + " = " + other.name().text();
  }

  /** The first few in quotes. */
  static String named(List<String> names) {
    return list(names.stream().map(name -> "'" + name + "'").toList());
  }

  /** The first few. */
  static String list(List<String> entries) {
    String first = entries.stream().limit(NAMED).collect(Collectors.joining(", "));
    return entries.size() <= NAMED
        ? first
        : "%s and %,d more".formatted(first, entries.size() - NAMED);
  }
}
