package org.alexnetedge.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.evaluate.DataSet;
import org.alexnetedge.image.DecodeOptions;
import org.alexnetedge.pipeline.ErrorKind;
import org.alexnetedge.pipeline.InputOptions;
import org.alexnetedge.pipeline.RawPath;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which pictures are learnt from, and which validate. */
final class TrainingDataTest {
  private static final byte[] BROKEN =
      "\u0089PNG\r\n\u001a\nno".getBytes(StandardCharsets.ISO_8859_1);

  @TempDir Path folder;

  @BeforeAll
  static void load() {
    PictureFolder.loadOpenCv();
  }

  private TrainingData read(String data, Validation validation, long seed) throws DataException {
    return TrainingData.read(
        new DataOptions(data, validation, seed, DecodeOptions.DEFAULT, 2), _ -> {});
  }

  private TrainingData read(Validation validation) throws DataException {
    return read(folder.toString(), validation, 1);
  }

  private String refusal(Validation validation) {
    return refusal(folder.toString(), validation);
  }

  private String refusal(String data, Validation validation) {
    return assertThrows(DataException.class, () -> read(data, validation, 1)).getMessage();
  }

  private void classes(int... counts) {
    for (int i = 0; i < counts.length; i++) {
      PictureFolder.fill(folder.resolve("c" + i), counts[i], 100 * i);
    }
  }

  private Path add(String file, byte[] content) {
    return PictureFolder.write(folder.resolve(file), content);
  }

  private List<String> names(List<Sample> samples) {
    return samples.stream().map(s -> folder.relativize(s.file()).toString()).toList();
  }

  private static String only(List<String> remarks) {
    assertEquals(1, remarks.size(), remarks::toString);
    return remarks.getFirst();
  }

  @Test
  void a_folder_for_each_class_in_the_order_of_their_names() throws Exception {
    classes(3, 2);
    PictureFolder.fill(folder.resolve("B"), 2, 500);
    TrainingData data = read(new Validation.None());
    assertEquals(List.of("B", "c0", "c1"), data.labels());
    assertEquals(
        List.of(
            "B/p00.png",
            "B/p01.png",
            "c0/p00.png",
            "c0/p01.png",
            "c0/p02.png",
            "c1/p00.png",
            "c1/p01.png"),
        names(data.training()));
    assertEquals(
        List.of(0, 0, 1, 1, 1, 2, 2), data.training().stream().map(Sample::label).toList());
    assertEquals(List.of(), data.validation());
    assertEquals(List.of(), data.remarks());
    assertEquals("[2, 3, 2]", Arrays.toString(data.trainingCounts()));
  }

  @Test
  void each_fifth_of_a_class_validates() throws Exception {
    classes(12, 5, 4);
    TrainingData data = read(new Validation.Every(5));
    assertEquals(List.of("c0/p04.png", "c0/p09.png", "c1/p04.png"), names(data.validation()));
    assertEquals(18, data.training().size());
    assertEquals("classes without a picture to validate with: 'c2'", only(data.remarks()));
  }

  @Test
  void to_mend_a_picture_moves_no_other() throws Exception {
    classes(10, 10);
    add("c0/p01.png", BROKEN);
    TrainingData data = read(new Validation.Every(5));
    assertEquals(
        List.of("c0/p04.png", "c0/p09.png", "c1/p04.png", "c1/p09.png"), names(data.validation()));
    assertEquals(15, data.training().size());
  }

  @Test
  void a_share_is_taken_of_each_class_and_depends_on_the_seed() throws Exception {
    classes(20, 10, 3, 2);
    TrainingData data = read(new Validation.Share(0.2));
    int[] counts = new int[4];
    data.validation().forEach(s -> counts[s.label()]++);
    assertEquals("[4, 2, 1, 1]", Arrays.toString(counts)); // rint(0.6) = 1, and 1 at least
    assertEquals(data, read(new Validation.Share(0.2)));
    Set<Set<String>> splits = new HashSet<>();
    for (int seed = 0; seed < 20; seed++) {
      TrainingData other = read(folder.toString(), new Validation.Share(0.2), seed);
      splits.add(new HashSet<>(names(other.validation())));
      Set<String> all = new HashSet<>(names(other.training()));
      all.addAll(names(other.validation()));
      assertEquals(35, all.size());
    }
    assertTrue(splits.size() > 15, "only " + splits.size() + " different splits");
  }

  @Test
  void a_share_does_not_depend_on_where_the_folder_is() throws Exception {
    classes(20, 20);
    List<String> here = names(read(new Validation.Share(0.3)).validation());
    Path relative = Path.of("").toAbsolutePath().relativize(folder.toAbsolutePath());
    TrainingData there = read(relative + "/", new Validation.Share(0.3), 1);
    assertEquals(
        here,
        there.validation().stream().map(s -> relative.relativize(s.file()).toString()).toList());
  }

  @Test
  void a_folder_of_its_own_validates() throws Exception {
    classes(3, 3);
    Path other = folder.resolveSibling(folder.getFileName() + "-val");
    PictureFolder.fill(other.resolve("c1"), 2, 700);
    TrainingData data = read(new Validation.Folder(other.toString()));
    assertEquals(6, data.training().size());
    assertEquals(List.of(1, 1), data.validation().stream().map(Sample::label).toList());
    assertEquals("classes without a picture to validate with: 'c0'", only(data.remarks()));
    PictureFolder.fill(other.resolve("zebra"), 1, 800);
    assertEquals(
        "The validation pictures have classes of which there are none to learn from: 'zebra'. There"
            + " are 'c0', 'c1'.",
        refusal(new Validation.Folder(other.toString())));
  }

  @Test
  void three_corrupt_pictures_among_thirty_are_left_out_and_named() throws Exception {
    classes(15, 15);
    byte[] whole = PictureFolder.png(1, 40, 30);
    add("c0/p03.png", Arrays.copyOf(whole, whole.length / 2));
    add("c0/p04.png", new byte[0]);
    add("c1/p07.png", BROKEN);
    TrainingData data = read(new Validation.Every(5));
    assertEquals(27, data.training().size() + data.validation().size());
    assertEquals(
        List.of(
            folder + "/c0/p03.png c0 truncated",
            folder + "/c0/p04.png c0 not-an-image",
            folder + "/c1/p07.png c1 truncated"),
        data.leftOut().stream()
            .map(l -> l.file() + " " + l.label() + " " + l.kind().code())
            .toList());
    assertEquals("The file is empty.", data.leftOut().get(1).message());
  }

  @Test
  void a_class_with_one_picture_is_learnt_from_and_that_is_said() throws Exception {
    classes(5, 1);
    for (Validation each : List.of(new Validation.Every(2), new Validation.Share(0.5))) {
      TrainingData data = read(each);
      assertEquals(1, data.trainingCounts()[1]);
      assertEquals(
          List.of(
              "classes with a single picture to learn from: 'c1'",
              "classes without a picture to validate with: 'c1'"),
          data.remarks());
    }
    assertEquals(
        "classes with a single picture to learn from: 'c1'",
        only(read(new Validation.None()).remarks()));
  }

  @Test
  void one_class_only_cannot_be_learnt() throws IOException {
    classes(3);
    Files.createDirectories(folder.resolve("empty"));
    assertEquals(
        folder
            + " has pictures of one class only, 'c0'; expected two classes or more to tell apart.",
        refusal(new Validation.None()));
  }

  @Test
  void a_class_whose_pictures_are_all_unreadable_ends_it() {
    classes(3, 3);
    add("c2/a.jpg", new byte[] {1, 2, 3});
    assertTrue(
        refusal(new Validation.None())
            .startsWith(
                "No picture of the class 'c2' can be used. The first, " + folder + "/c2/a.jpg:"));
  }

  @Test
  void empty_and_hidden_folders_and_other_files_are_reported() throws Exception {
    classes(3, 3);
    Files.createDirectories(folder.resolve("leer"));
    PictureFolder.fill(folder.resolve(".thumbnails"), 1, 0);
    add("c0/notes.txt", "no picture".getBytes(StandardCharsets.UTF_8));
    add("readme.md", new byte[] {1});
    TrainingData data = read(new Validation.None());
    assertEquals(List.of("c0", "c1"), data.labels());
    String remarks = String.join("\n", data.remarks());
    assertTrue(
        remarks.contains("the folder " + folder + "/leer holds no picture, so 'leer'"), remarks);
    assertTrue(remarks.contains("are no classes: '.thumbnails'"), remarks);
    assertTrue(remarks.contains("1 entry below the classes of"), remarks);
    assertTrue(remarks.contains("1 file directly in"), remarks);
    assertEquals(4, data.remarks().size());
  }

  @Test
  void the_same_picture_on_both_sides_is_reported() throws Exception {
    classes(5, 5);
    add("c0/p04.png", PictureFolder.png(0, 40, 30)); // c0/p00.png is this one
    TrainingData data = read(new Validation.Every(5));
    assertEquals(1, data.shared().size());
    assertEquals(
        "1 validation picture is also learnt from (the same bytes), so validation flatters: "
            + folder
            + "/c0/p04.png = "
            + folder
            + "/c0/p00.png",
        only(data.remarks()));
  }

  @Test
  void the_same_picture_in_two_classes_is_reported() throws Exception {
    classes(3, 3);
    add("c1/again.png", PictureFolder.png(0, 40, 30));
    assertEquals(
        "1 picture has the same bytes as one of another class: %s/c1/again.png = %s/c0/p00.png"
            .formatted(folder, folder),
        only(read(new Validation.None()).remarks()));
  }

  @Test
  void a_table_says_the_split() throws Exception {
    classes(4, 3);
    Path table =
        add(
            "data.csv",
            """
            path,label,split
            c1/p00.png,b,train
            c0/p00.png,a,train
            c0/p01.png,a,val
            c1/p01.png,b,train
            c1/p02.png,b,val
            c0/p02.png,a,test
            c0/p03.png,a,train
            """
                .getBytes(StandardCharsets.UTF_8));
    TrainingData data = read(table.toString(), new Validation.None(), 1);
    assertEquals(List.of("a", "b"), data.labels());
    assertEquals(
        List.of("c0/p00.png", "c0/p03.png", "c1/p00.png", "c1/p01.png"), names(data.training()));
    assertEquals(List.of("c0/p01.png", "c1/p02.png"), names(data.validation()));
    assertEquals("1 row of split 'test' is not used", only(data.remarks()));
    assertEquals(
        table
            + " says in its column split which pictures validate; leave out --val, --val-split and"
            + " --val-every, or the column.",
        refusal(table.toString(), new Validation.Every(5)));
  }

  @Test
  void a_table_without_a_split_is_sorted_by_path_before_it_is_divided() throws Exception {
    classes(4, 4);
    StringBuilder rows = new StringBuilder("path\tlabel\n");
    for (int i : new int[] {2, 0, 3, 1}) {
      rows.append("c1/p0%d.png\ty\nc0/p0%d.png\tx\n".formatted(i, i));
    }
    Path table = add("data.tsv", rows.toString().getBytes(StandardCharsets.UTF_8));
    TrainingData data = read(table.toString(), new Validation.Every(4), 1);
    assertEquals(List.of("c0/p03.png", "c1/p03.png"), names(data.validation()));
  }

  @Test
  void rows_of_files_that_are_not_there_are_left_out_and_urls_refused() throws Exception {
    classes(2, 2);
    String rows = "path,label\nc0/p00.png,a\nc0/p01.png,a\nc1/p00.png,b\n";
    Path table = add("d.csv", (rows + "c1/gone.png,b\n").getBytes(StandardCharsets.UTF_8));
    LeftOut gone = read(table.toString(), new Validation.None(), 1).leftOut().getFirst();
    assertEquals(ErrorKind.NOT_FOUND, gone.kind());
    add("d.csv", (rows + "http://localhost/x.png,b\n").getBytes(StandardCharsets.UTF_8));
    assertTrue(
        refusal(table.toString(), new Validation.None())
            .startsWith("http://localhost/x.png is a URL;"));
  }

  @Test
  void labels_are_renumbered_as_a_model_has_them() throws Exception {
    classes(2, 2);
    TrainingData data = read(new Validation.Every(2)).withLabels(List.of("c1", "other", "c0"));
    assertEquals(List.of(2, 0), data.training().stream().map(Sample::label).toList());
    assertEquals("[1, 0, 1]", Arrays.toString(data.trainingCounts()));
    DataException e =
        assertThrows(DataException.class, () -> data.withLabels(List.of("c1", "other", "cat")));
    assertEquals(
        "The data has the class 'c0', which the model does not know; it knows 'c1', 'other',"
            + " 'cat'.",
        e.getMessage());
  }

  @Test
  void nothing_left_to_validate_with_ends_it() {
    classes(3, 3);
    assertEquals(
        "No picture is left to validate with; hold back more of them, or none: --val-split 0.",
        refusal(new Validation.Every(5)));
  }

  @Test
  void a_split_file_gives_back_the_data_with_any_names() throws Exception {
    classes(4, 4);
    Path raw =
        folder.resolve("c0").resolve(RawPath.of(new byte[] {'z', (byte) 0xE4, '.', 'p', 'n', 'g'}));
    PictureFolder.write(raw, PictureFolder.png(900, 9, 9));
    add("c1/tab\t\"quoted\"\nline.png", PictureFolder.png(901, 9, 9));
    TrainingData data = read(new Validation.Every(5));
    assertEquals(List.of(raw), data.validation().stream().map(Sample::file).limit(1).toList());
    Path file = folder.resolve("split.tsv");
    SplitFile.write(data, file);
    TrainingData again = SplitFile.read(file, data.labels());
    assertEquals(data.training(), again.training());
    assertEquals(data.validation(), again.validation());
    SplitFile.verify(again, 2, _ -> {});
    try (DataSet set = DataSet.read(file.toString(), "val", InputOptions.of(_ -> true))) {
      assertEquals(2, set.size());
      assertEquals("c1", set.label(1));
    }
  }

  @Test
  void pictures_that_changed_or_went_are_named_when_a_run_goes_on() throws Exception {
    classes(3, 3);
    TrainingData data = read(new Validation.None());
    add("c0/p01.png", PictureFolder.png(77, 40, 30));
    Files.delete(folder.resolve("c1/p02.png"));
    assertEquals(
        "2 of 6 pictures are not what they were when the run began: %s/c0/p01.png (changed), %s/c1/p02.png (cannot be read). Put them back to go on with it, or start a new run."
            .formatted(folder, folder),
        assertThrows(DataException.class, () -> SplitFile.verify(data, 2, _ -> {})).getMessage());
  }

  @Test
  void a_class_whose_name_is_not_utf_8_is_refused() {
    classes(2, 2);
    PictureFolder.fill(folder.resolve(RawPath.of(new byte[] {(byte) 0xE4, 'x'})), 1, 0);
    assertTrue(refusal(new Validation.None()).contains("is not UTF-8"));
  }

  @Test
  void each_picture_is_counted_while_it_is_looked_at() throws Exception {
    classes(6, 6);
    List<Integer> told = new ArrayList<>();
    TrainingData.read(
        new DataOptions(folder.toString(), new Validation.None(), 1, DecodeOptions.DEFAULT, 3),
        told::add);
    assertEquals(
        "1 2 3 4 5 6 7 8 9 10 11 12",
        told.stream().map(String::valueOf).collect(Collectors.joining(" ")));
  }
}
