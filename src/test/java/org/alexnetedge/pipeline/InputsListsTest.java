package org.alexnetedge.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Lists of paths, in files and on standard input. */
@Timeout(20)
final class InputsListsTest {
  private static final byte[] LATIN_1 = {'g', 'r', (byte) 0xF6, (byte) 0xDF, 'e', '.', 'j', 'p'};

  @TempDir private Path folder;
  private String a;
  private String b;

  @BeforeEach
  void two_pictures() throws IOException {
    a = Files.writeString(folder.resolve("a.jpg"), "A").toString();
    b = Files.writeString(folder.resolve("b c.jpg"), "B").toString();
  }

  @Test
  void a_list_has_one_path_a_line_in_its_own_order() throws Exception {
    String list = list(b + "\n" + a + "\n" + b + "\n");
    assertEquals(List.of(b + ": B", a + ": A", b + ": B"), Found.by("@" + list).records());
  }

  @Test
  void carriage_returns_blank_lines_byte_order_marks_and_a_missing_last_newline_are_tolerated()
      throws Exception {
    String list = list("\uFEFF\r\n\n" + a + "\r\n\r\n\n" + b);
    assertEquals(List.of(a + ": A", b + ": B"), Found.by("@" + list).records());
  }

  @Test
  void a_list_may_come_through_standard_input() {
    assertEquals(List.of(a + ": A", b + ": B"), standardInput(a + "\n" + b, false));
  }

  @Test
  void entries_that_end_in_nul_may_contain_newlines_and_carriage_returns() throws Exception {
    String odd = Files.writeString(folder.resolve("x\ny\r"), "X").toString();
    assertEquals(List.of(odd + ": X", a + ": A"), standardInput(odd + "\0\0" + a + "\0", true));
  }

  @Test
  void a_list_with_nul_that_is_read_by_lines_says_so() {
    assertEquals(
        List.of(a + "\0" + b + "\0! not-found"), standardInput(a + "\0" + b + "\0", false));
    assertTrue(FileError.invalidPath().getMessage().contains("-0"));
  }

  @Test
  void entries_need_not_be_utf_8() throws Exception {
    Path name = folder.resolve(RawPath.of(LATIN_1));
    Files.writeString(name, "L");
    byte[] bytes = RawPath.bytes(name);
    InputOptions options = Found.OPTIONS.withStandardInput(new ByteArrayInputStream(bytes));
    assertEquals(
        List.of("hex " + HexFormat.of().formatHex(bytes) + ": L"),
        Found.by(options, "-").records());
  }

  @Test
  void an_entry_may_be_a_folder_and_minus_and_at_are_names_there() {
    assertEquals(
        List.of(folder + "/a.jpg: A", folder + "/b c.jpg: B", "-! not-found", "@x! not-found"),
        standardInput(folder + "\n-\n@x\n", false));
  }

  @Test
  void what_is_missing_is_a_record() {
    assertEquals(
        List.of(a + ": A", folder + "/no.jpg! not-found", b + ": B"),
        standardInput(a + "\n" + folder + "/no.jpg\n" + b, false));
  }

  @Test
  void a_list_without_entries_or_that_cannot_be_read_gets_one_record() throws Exception {
    String empty = list("\n\r\n\n");
    assertEquals(
        List.of(
            "@" + empty + "! no-pictures",
            "@" + folder + "! unreadable",
            "@" + folder + "/no.txt! not-found",
            "@! not-found",
            a + ": A"),
        Found.by("@" + empty, "@" + folder, "@" + folder + "/no.txt", "@", a).records());
    assertEquals(List.of("-! no-pictures"), standardInput("", false));
  }

  @Test
  void a_list_that_breaks_off_keeps_what_came_before() {
    InputStream breaking =
        new InputStream() {
          private int position;
          private final byte[] start = (a + "\n").getBytes(StandardCharsets.UTF_8);

          @Override
          public int read() throws IOException {
            if (position == start.length) {
              throw new IOException("Input/output error");
            }
            return start[position++];
          }
        };
    Found found = Found.by(Found.OPTIONS.withStandardInput(breaking), "-", b);
    assertEquals(List.of(a + ": A", "-! unreadable", b + ": B"), found.records());
  }

  @Test
  void an_entry_that_is_no_path_for_its_length_is_an_error_and_the_list_goes_on() {
    assertEquals(
        List.of("-! unreadable", a + ": A"), standardInput("x".repeat(1 << 20) + "\n" + a, false));
  }

  @Test
  void a_list_may_be_a_pipe_that_a_shell_opened() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    Process writer =
        new ProcessBuilder("sh", "-c", "printf '%s\\n' \"$1\" \"$2\" > \"$0\"", pipe + "", a, b)
            .start();
    assertEquals(List.of(a + ": A", b + ": B"), Found.by("@" + pipe).records());
    assertEquals(0, writer.waitFor());
  }

  @Test
  void an_entry_is_found_as_soon_as_its_line_is_there() throws Exception {
    try (PipedOutputStream out = new PipedOutputStream();
        PipedInputStream in = new PipedInputStream(out);
        Inputs inputs =
            new Inputs(List.of(Argument.parse("-")), Found.OPTIONS.withStandardInput(in))) {
      out.write((a + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
      Input first = inputs.next(); // the writer has not closed
      assertNotNull(first);
      assertEquals(a, first.name().text());
    }
  }

  @Test
  void lists_files_and_folders_may_be_mixed() throws Exception {
    Path in = Files.createDirectory(folder.resolve("in"));
    Files.writeString(in.resolve("c.jpg"), "C");
    String list = list(b + "\n");
    assertEquals(
        List.of(a + ": A", b + ": B", in + "/c.jpg: C", a + ": A"),
        Found.by(a, "@" + list, in.toString(), a).records());
  }

  @Test
  void shards_of_a_list_make_the_whole() throws Exception {
    StringBuilder lines = new StringBuilder();
    IntStream.range(0, 40).forEach(i -> lines.append("no-%d.jpg\n".formatted(i)));
    String list = list(lines.toString());
    String empty = Files.writeString(folder.resolve("empty.txt"), "").toString();
    List<String> union = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      InputOptions options = Found.OPTIONS.withShard(new Shard(i, 3));
      List<String> part = Found.by(options, "@" + list, "@" + empty).records();
      assertFalse(part.size() > 30);
      union.addAll(part);
    }
    assertEquals(
        Found.by("@" + list, "@" + empty).records().stream().sorted().toList(),
        union.stream().sorted().toList());
    assertEquals(41, union.size());
  }

  private List<String> standardInput(String content, boolean nulSeparated) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return Found.by(
            Found.OPTIONS
                .withStandardInput(new ByteArrayInputStream(bytes))
                .withNulSeparated(nulSeparated),
            "-")
        .records();
  }

  private String list(String content) throws IOException {
    return Files.writeString(folder.resolve("list.txt"), content).toString();
  }
}
