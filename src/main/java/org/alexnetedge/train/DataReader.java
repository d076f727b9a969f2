package org.alexnetedge.train;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.evaluate.DataSet;
import org.alexnetedge.image.Format;
import org.alexnetedge.pipeline.Argument;
import org.alexnetedge.pipeline.ErrorKind;
import org.alexnetedge.pipeline.InputException;
import org.alexnetedge.pipeline.InputName;
import org.alexnetedge.pipeline.InputOptions;
import org.alexnetedge.pipeline.RawPath;
import org.alexnetedge.pipeline.RawText;
import org.jspecify.annotations.Nullable;

/** Finds, checks and divides the pictures of {@link DataOptions}. For one use. */
final class DataReader {
  static final String TRAINING = "train";
  static final String VALIDATION = "val";

  private final DataOptions options;
  private final List<String> remarks = new ArrayList<>();
  private final List<LeftOut> leftOut = new ArrayList<>();

  DataReader(DataOptions options) {
    this.options = options;
  }

  /** A picture that can be used, and where it was found. */
  private record Usable(Candidate candidate, String sha256) {}

  TrainingData read(IntConsumer progress) throws DataException {
    List<Candidate> found = find(options.data());
    boolean column = found.stream().anyMatch(each -> each.split() != null);
    if (column && !(options.validation() instanceof Validation.None)) {
      throw new DataException(
          options.data()
              + " says in its column split which pictures validate; leave out --val, --val-split"
              + " and --val-every, or the column.");
    }
    List<Candidate> separate = List.of();
    if (options.validation() instanceof Validation.Folder folder) {
      separate = only(find(folder.given()), folder.given(), VALIDATION);
    } else if (column) {
      separate = only(found, options.data(), VALIDATION);
      reportUnused(found);
      found = only(found, options.data(), TRAINING);
    }
    List<Candidate> all = new ArrayList<>(found);
    all.addAll(separate);
    List<PictureCheck> checks =
        PictureCheck.of(
            all.stream().map(Candidate::input).toList(),
            options.decode(),
            options.threads(),
            progress);
    List<Usable> usable = usable(found, checks.subList(0, found.size()));
    List<Usable> apart = usable(separate, checks.subList(found.size(), all.size()));
    List<String> labels = labels(found, usable);
    Set<Candidate> validating = chosen(found, usable);
    List<Sample> training = new ArrayList<>();
    List<Sample> validation = new ArrayList<>();
    for (Usable each : usable) {
      (validating.contains(each.candidate()) ? validation : training).add(sample(each, labels));
    }
    checkKnown(apart, labels);
    apart.forEach(each -> validation.add(sample(each, labels)));
    checkPresent(labels, training, validation, column);
    TrainingData data = new TrainingData(labels, training, validation, leftOut, List.of());
    remarks.addAll(DataRemarks.of(data));
    return new TrainingData(labels, training, validation, leftOut, remarks);
  }

  /** Sorted by label, then by path. */
  private List<Candidate> find(String given) throws DataException {
    InputOptions files = InputOptions.of(first -> Format.sniff(first) != null);
    List<Candidate> found = new ArrayList<>();
    try (DataSet data = DataSet.read(given, null, files)) {
      boolean folder = Files.isDirectory(RawPath.of(given));
      String root = folder ? given + "/" : given.substring(0, given.lastIndexOf('/') + 1);
      root = root.endsWith("//") ? root.substring(0, root.length() - 1) : root;
      for (int i = 0; i < data.size(); i++) {
        Candidate each = Candidate.of(data.picture(i), root, data.label(i), data.split(i));
        checkFile(each, folder);
        found.add(each);
      }
      if (folder) {
        remarks.addAll(data.remarks());
        hiddenFolders(RawPath.of(given));
        if (data.skipped() > 0) {
          remarks.add(
              "%,d %s below the classes of %s hidden or no picture, and passed over"
                  .formatted(
                      data.skipped(),
                      data.skipped() == 1 ? "entry" : "entries",
                      given + (data.skipped() == 1 ? " is" : " are")));
        }
      }
    }
    found.sort(
        Comparator.comparing(DataReader::labelBytes, Arrays::compareUnsigned)
            .thenComparing(Candidate.BY_PATH));
    return found;
  }

  private static byte[] labelBytes(Candidate candidate) {
    return RawText.encode(candidate.label());
  }

  private static void checkFile(Candidate each, boolean folder) throws DataException {
    InputName label = InputName.of(labelBytes(each));
    if (label.bytesHex() != null) {
      throw new DataException(
          "The label '%s' is not UTF-8, and a model file could not hold it; rename it."
              .formatted(label.text()));
    }
    if (!folder && Argument.entry(each.input().name().text()) instanceof Argument.Url) {
      throw new DataException(
          each.input().name().text()
              + " is a URL; pictures to learn from are read again and again, so download it"
              + " first.");
    }
  }

  private void hiddenFolders(Path folder) throws DataException {
    TreeSet<String> hidden = new TreeSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        byte[] name = RawPath.bytes(entry.getFileName());
        if (name[0] == '.' && Files.isDirectory(entry)) {
          hidden.add(InputName.of(name).text());
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new DataException(folder + " cannot be read: " + e.getMessage() + ".", e);
    }
    if (!hidden.isEmpty()) {
      remarks.add(
          "hidden folders of %s are no classes: %s"
              .formatted(folder, DataRemarks.named(List.copyOf(hidden))));
    }
  }

  /** The rows of one part; all when there is no column that says it. */
  private static List<Candidate> only(List<Candidate> found, String given, String part)
      throws DataException {
    List<Candidate> chosen =
        found.stream().filter(e -> e.split() == null || part.equals(e.split())).toList();
    if (chosen.isEmpty()) {
      throw new DataException(
          "%s has no row with '%s' in its column split; expected '%s' for pictures to learn from and '%s' for those that validate."
              .formatted(given, part, TRAINING, VALIDATION));
    }
    return chosen;
  }

  private void reportUnused(List<Candidate> found) {
    Map<String, Integer> others = new TreeMap<>();
    for (Candidate each : found) {
      String split = Objects.requireNonNullElse(each.split(), "");
      if (!split.equals(TRAINING) && !split.equals(VALIDATION)) {
        others.merge(split, 1, Integer::sum);
      }
    }
    others.forEach(
        (split, count) ->
            remarks.add(
                "%,d row%s of split '%s' %s not used"
                    .formatted(count, count == 1 ? "" : "s", split, count == 1 ? "is" : "are")));
  }

  private List<Usable> usable(List<Candidate> found, List<PictureCheck> checks) {
    List<Usable> usable = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      Candidate each = found.get(i);
      InputException failure = checks.get(i).failure();
      String sha256 = checks.get(i).sha256();
      if (sha256 != null) {
        usable.add(new Usable(each, sha256));
      } else if (failure != null && failure.kind() == ErrorKind.NO_PICTURES) {
        remarks.add(
            "the folder %s holds no picture, so '%s' is no class"
                .formatted(each.input().name().text(), each.label()));
      } else if (failure != null) {
        leftOut.add(
            new LeftOut(each.input().name(), each.label(), failure.kind(), failure.getMessage()));
      }
    }
    return usable;
  }

  /** The labels that have pictures, in sorted order. */
  private List<String> labels(List<Candidate> found, List<Usable> usable) throws DataException {
    List<String> labels = usable.stream().map(e -> e.candidate().label()).distinct().toList();
    for (LeftOut each : leftOut) {
      boolean here = found.stream().anyMatch(e -> e.label().equals(each.label()));
      if (here && !labels.contains(each.label())) {
        throw new DataException(
            "No picture of the class '%s' can be used. The first, %s: %s"
                .formatted(each.label(), each.file().text(), each.message()));
      }
    }
    if (labels.isEmpty()) {
      throw new DataException(options.data() + " holds no picture to learn from.");
    }
    if (labels.size() == 1) {
      throw new DataException(
          "%s has pictures of one class only, '%s'; expected two classes or more to tell apart."
              .formatted(options.data(), labels.getFirst()));
    }
    return labels;
  }

  /** Which of the pictures validate, as the options say. */
  private Set<Candidate> chosen(List<Candidate> found, List<Usable> usable) {
    Set<Candidate> chosen = new HashSet<>();
    switch (options.validation()) {
      case Validation.None _, Validation.Folder _ -> {}
      case Validation.Every every -> {
        for (List<Candidate> each : byLabel(found)) {
          for (int i = every.every() - 1; i < each.size(); i += every.every()) {
            chosen.add(each.get(i));
          }
        }
      }
      case Validation.Share share -> {
        for (List<Candidate> each : byLabel(usable.stream().map(Usable::candidate).toList())) {
          List<Candidate> drawn = new ArrayList<>(each);
          drawn.sort(
              Comparator.comparingLong((Candidate c) -> c.ticket(options.seed()))
                  .thenComparing(Candidate.BY_PATH));
          int n = drawn.size();
          int count = (int) Math.rint(share.share() * n);
          chosen.addAll(drawn.subList(0, Math.min(n - 1, Math.max(1, count))));
        }
      }
    }
    return chosen;
  }

  private static List<List<Candidate>> byLabel(List<Candidate> found) {
    Map<String, List<Candidate>> groups = new TreeMap<>();
    for (Candidate each : found) {
      groups.computeIfAbsent(each.label(), _ -> new ArrayList<>()).add(each);
    }
    return List.copyOf(groups.values());
  }

  private static Sample sample(Usable usable, List<String> labels) {
    Candidate candidate = usable.candidate();
    return new Sample(
        RawPath.of(candidate.path()), labels.indexOf(candidate.label()), usable.sha256());
  }

  private void checkKnown(List<Usable> apart, List<String> labels) throws DataException {
    List<String> unknown =
        apart.stream()
            .map(each -> each.candidate().label())
            .distinct()
            .filter(label -> !labels.contains(label))
            .toList();
    if (!unknown.isEmpty()) {
      throw new DataException(
          "The validation pictures have classes of which there are none to learn from: %s. There are %s."
              .formatted(DataRemarks.named(unknown), DataRemarks.named(labels)));
    }
  }

  private void checkPresent(
      List<String> labels, List<Sample> training, List<Sample> validation, boolean column)
      throws DataException {
    @Nullable Sample[] first = new Sample[labels.size()];
    training.forEach(sample -> first[sample.label()] = sample);
    for (int i = 0; i < first.length; i++) {
      if (first[i] == null) {
        throw new DataException(
            "All pictures of the class '%s' that can be read validate, and none is left to learn from."
                .formatted(labels.get(i)));
      }
    }
    if (validation.isEmpty() && (column || !(options.validation() instanceof Validation.None))) {
      throw new DataException(
          "No picture is left to validate with; hold back more of them, or none: --val-split 0.");
    }
  }
}
