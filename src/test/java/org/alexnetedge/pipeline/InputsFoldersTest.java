package org.alexnetedge.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is found in files and folders that were named, and in which order. */
@Timeout(20)
final class InputsFoldersTest {
  @TempDir private Path folder;

  @Test
  void a_folder_is_walked_depth_first_in_byte_order() throws Exception {
    for (String name :
        List.of(
            "b.jpg",
            "B.jpg",
            "a.jpg",
            "a/z.jpg",
            "a/b/c.png",
            "é.jpg",
            "z.jpg",
            "10.jpg",
            "9.jpg",
            "a-1.jpg",
            "\uFFFD.jpg",
            "🌷.jpg")) {
      write(name, "x");
    }
    assertEquals(
        List.of(
            "10.jpg",
            "9.jpg",
            "B.jpg",
            "a/b/c.png",
            "a/z.jpg",
            "a-1.jpg",
            "a.jpg",
            "b.jpg",
            "z.jpg",
            "é.jpg",
            "\uFFFD.jpg",
            "🌷.jpg"),
        Found.by(folder.toString()).names(folder + "/"));
  }

  @Test
  void names_are_the_argument_joined_with_the_way_from_there() throws Exception {
    write("in/a.jpg", "x");
    String given = folder.toString();
    assertEquals(List.of(given + "/in/a.jpg: x"), Found.by(given).records());
    assertEquals(List.of(given + "/in/a.jpg: x"), Found.by(given + "/").records());
    assertEquals(List.of(given + "/./in//a.jpg: x"), Found.by(given + "/./in//").records());
    assertEquals(List.of(given + "/in/../in/a.jpg: x"), Found.by(given + "/in/../in").records());
  }

  @Test
  void hidden_and_other_files_are_passed_over_and_counted() throws Exception {
    write(".hidden.jpg", "x");
    write(".git/a.jpg", "x");
    write("notes.txt", "x");
    write("jpg", "x");
    write("a.jpg.bak", "x");
    write("A.JPEG", "x");
    write("photo", "PICTURE by content");
    write("short", "PIC");
    Found found = Found.by(folder.toString());
    assertEquals(List.of("A.JPEG", "photo"), found.names(folder + "/"));
    assertEquals(6, found.skipped());
  }

  @Test
  void a_file_that_was_named_gets_a_record_whatever_it_is() throws Exception {
    write(".hidden", "x");
    write("notes.txt", "y");
    String hidden = folder + "/.hidden";
    String notes = folder + "/notes.txt";
    String missing = folder + "/missing.jpg";
    assertEquals(
        List.of(
            hidden + ": x",
            notes + ": y",
            missing + "! not-found",
            notes + "/a.jpg! not-found",
            "! not-found",
            notes + ": y"),
        Found.by(hidden, notes, missing, notes + "/a.jpg", "", notes).records());
  }

  @Test
  void a_hidden_folder_that_was_named_is_walked() throws Exception {
    write(".photos/a.jpg", "x");
    assertEquals(List.of("a.jpg"), Found.by(folder + "/.photos").names(folder + "/.photos/"));
  }

  @Test
  void a_folder_without_pictures_gets_one_record() throws Exception {
    write("in/deep/notes.txt", "x");
    write("in/.a.jpg", "x");
    Files.createDirectory(folder.resolve("empty"));
    String in = folder + "/in";
    String empty = folder + "/empty/";
    assertEquals(
        List.of(in + "! no-pictures", empty + "! no-pictures"), Found.by(in, empty).records());
  }

  @Test
  void links_are_followed_but_never_round_in_a_circle() throws Exception {
    write("a/x.jpg", "x");
    write("elsewhere/y.jpg", "y");
    link("a/up", folder.resolve("a"));
    link("a/top", folder);
    link("a/z", folder.resolve("elsewhere"));
    link("elsewhere/back", folder.resolve("a"));
    link("self.jpg", folder.resolve("self.jpg"));
    Found found = Found.by(folder + "/a");
    assertEquals(
        List.of("top/elsewhere/y.jpg: y", "top/self.jpg! unreadable", "x.jpg: x", "z/y.jpg: y"),
        found.records().stream().map(s -> s.substring((folder + "/a/").length())).toList());
  }

  @Test
  void broken_links_with_a_pictures_name_are_errors() throws Exception {
    link("gone.jpg", folder.resolve("nowhere"));
    link("gone.txt", folder.resolve("nowhere"));
    Found found = Found.by(folder.toString(), folder + "/gone.txt");
    assertEquals(
        List.of(folder + "/gone.jpg! not-found", folder + "/gone.txt! not-found"), found.records());
    assertEquals(1, found.skipped());
  }

  @Test
  void pipes_and_devices_are_errors_and_never_waited_for() throws Exception {
    run("mkfifo", folder + "/p.jpg", folder + "/pipe");
    link("null.png", Path.of("/dev/null"));
    Found found = Found.by(folder.toString(), folder + "/pipe", "/dev/zero");
    assertEquals(
        List.of(
            folder + "/null.png! unreadable",
            folder + "/p.jpg! unreadable",
            folder + "/pipe! unreadable",
            "/dev/zero! unreadable"),
        found.records());
    assertEquals(
        "It is a named pipe, not a file; copy what it gives into a file first.",
        FileError.notAFile(folder.resolve("pipe")).getMessage());
  }

  @Test
  void a_folder_with_a_pictures_name_is_a_folder() throws Exception {
    write("album.jpg/a.jpg", "x");
    assertEquals(List.of("album.jpg/a.jpg"), Found.by(folder.toString()).names(folder + "/"));
  }

  @Test
  void names_may_have_newlines_and_need_not_be_utf_8() throws Exception {
    write("a\nb.jpg", "x");
    run(
        "sh",
        "-c",
        "mkdir \"$0/$(printf '\\344')\"; printf y > \"$0/$(printf '\\344/\\366.jpg')\"",
        folder.toString());
    byte[] latin1 = (folder + "/ä/ö.jpg").getBytes(StandardCharsets.ISO_8859_1);
    assertEquals(
        List.of(folder + "/a\nb.jpg: x", "hex " + HexFormat.of().formatHex(latin1) + ": y"),
        Found.by(folder.toString()).records());
    assertEquals(
        List.of("hex " + HexFormat.of().formatHex(latin1) + ": y"),
        Found.by(RawText.decode(latin1)).records());
  }

  @Test
  void a_picture_that_goes_while_the_folder_is_walked_is_an_error() throws Exception {
    write("a.jpg", "x");
    write("b.jpg", "x");
    write("c.txt", "x");
    try (Inputs inputs = new Inputs(List.of(Argument.parse(folder.toString())), Found.OPTIONS);
        EncodedPicture picture = new EncodedPicture()) {
      inputs.next();
      Files.delete(folder.resolve("b.jpg"));
      Files.delete(folder.resolve("c.txt"));
      Input gone = inputs.next();
      assertEquals(folder + "/b.jpg", gone.name().text());
      InputException e = assertThrows(InputException.class, () -> gone.read(picture));
      assertEquals(ErrorKind.NOT_FOUND, e.kind());
      assertEquals(null, inputs.next());
      assertEquals(null, inputs.next());
    }
  }

  @Test
  void shards_divide_a_folder_into_parts_that_make_the_whole() throws Exception {
    for (int i = 0; i < 60; i++) {
      write("%d/%d.jpg".formatted(i % 7, i), "x");
      write("%d/%d.txt".formatted(i % 7, i), "x");
    }
    write("notes/a.txt", "x");
    Files.createDirectory(folder.resolve("empty"));
    String[] words = {folder.toString(), folder + "/empty", folder + "/notes", folder + "/gone"};
    Found whole = Found.by(words);
    List<String> union = new ArrayList<>();
    long skipped = 0;
    for (int i = 1; i <= 4; i++) {
      Found part = Found.by(Found.OPTIONS.withShard(new Shard(i, 4)), words);
      assertTrue(whole.records().containsAll(part.records()));
      assertTrue(part.records().size() < 40, "of 63: " + part.records().size());
      union.addAll(part.records());
      skipped += part.skipped();
    }
    assertEquals(63, whole.records().size());
    assertEquals(whole.records().stream().sorted().toList(), union.stream().sorted().toList());
    assertEquals(whole.skipped(), skipped);
  }

  @Test
  void a_shard_without_a_share_of_a_folder_does_not_say_that_it_has_no_pictures() throws Exception {
    write("only", "PICTURE");
    List<String> all = new ArrayList<>();
    for (int i = 1; i <= 9; i++) {
      all.addAll(Found.by(Found.OPTIONS.withShard(new Shard(i, 9)), folder.toString()).records());
    }
    assertEquals(List.of(folder + "/only: PICTURE"), all);
  }

  @Test
  void a_deep_tree_ends_in_records() throws Exception {
    Path deep = folder;
    for (int i = 0; i < 300; i++) {
      deep = Files.createDirectory(deep.resolve("deeper"));
    }
    Files.writeString(deep.resolve("a.jpg"), "x");
    assertEquals(1, Found.by(folder.toString()).records().size());
  }

  private void write(String name, String content) throws IOException {
    Path file = RawPath.of(folder + "/" + name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private void link(String name, Path target) throws IOException {
    Path link = folder.resolve(name);
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, target);
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assumeTrue(process.waitFor() == 0, "needs " + command[0]);
  }
}
