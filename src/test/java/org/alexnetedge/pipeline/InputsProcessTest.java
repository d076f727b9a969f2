package org.alexnetedge.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What depends on the process: its locale, its user, its memory. */
final class InputsProcessTest {
  private static final String LATIN_1 = "6772f6df652e6a7067"; // größe.jpg
  private static final String UTF_8 = "größe.jpg";

  @TempDir private Path folder;
  private String in;

  /** The program of the processes: a line for each input, in hex, so that no locale matters. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      for (String line : Found.by(RawArguments.recover(args)).records()) {
        System.out.println(HexFormat.of().formatHex(line.getBytes(StandardCharsets.UTF_8)));
      }
    }
  }

  /** Only counts, so that what is measured is the finding. */
  static final class Counting {
    private Counting() {}

    public static void main(String[] args) {
      long count = 0;
      try (Inputs inputs =
              new Inputs(Stream.of(args).map(Argument::parse).toList(), Found.OPTIONS);
          EncodedPicture picture = new EncodedPicture()) {
        for (Input input = inputs.next(); input != null; input = inputs.next()) {
          input.read(picture);
          count += picture.size();
        }
      } catch (InputException e) {
        throw new AssertionError(e);
      }
      System.out.println(HexFormat.of().formatHex(Long.toString(count).getBytes()));
    }
  }

  @BeforeEach
  void two_files_with_names_in_two_encodings() throws Exception {
    in = Files.createDirectory(folder.resolve("in")).toString();
    // The shell writes the bytes, not the code under test.
    shell("printf latin > \"$0/$(printf 'gr\\366\\337e.jpg')\"");
    shell("printf utf > \"$0/$(printf 'gr\\303\\266\\303\\237e.jpg')\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "C.UTF-8", "POSIX"})
  void files_in_folders_are_found_whatever_the_locale(String locale) throws Exception {
    assertEquals(
        List.of(in + "/" + UTF_8 + ": utf", "hex " + hex(in + "/") + LATIN_1 + ": latin"),
        found("LC_ALL=%s exec %s \"$0\"".formatted(locale, java(Program.class))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "C.UTF-8", "POSIX"})
  void files_that_were_named_are_found_whatever_the_locale(String locale) throws Exception {
    String names = "\"$(printf 'gr\\366\\337e.jpg')\" größe.jpg 'no?.jpg' grösse.jpg";
    assertEquals(
        List.of(
            "hex " + LATIN_1 + ": latin",
            UTF_8 + ": utf",
            "no?.jpg! not-found",
            "grösse.jpg! not-found"),
        found("cd \"$0\"; LC_ALL=%s exec %s %s".formatted(locale, java(Program.class), names)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "C.UTF-8"})
  void files_in_lists_are_found_whatever_the_locale(String locale) throws Exception {
    assertEquals(
        List.of(UTF_8 + ": utf", "hex " + LATIN_1 + ": latin"),
        found(
            "cd \"$0\"; ls | LC_ALL=C sort | LC_ALL=%s %s -"
                .formatted(locale, java(Program.class))));
  }

  @Test
  void what_this_user_may_not_read_is_an_error_and_the_walk_goes_on() throws Exception {
    assumeTrue(shell("id -u").equals("0\n"), "only root can become nobody");
    assumeTrue(shell("setpriv --version || true").contains("setpriv"), "needs setpriv");
    shell(
        "cd \"$0\"; rm *.jpg; mkdir closed blind; printf x >closed/a.jpg; printf x >blind/b.jpg;"
            + "printf x >blind/c.txt; printf x >a.jpg; printf x >z.jpg; printf x >z;"
            + "chmod 0 closed a.jpg z; chmod 444 blind");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    String nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups ";
    assertEquals(
        List.of(
            "a.jpg! unreadable",
            "blind/b.jpg! unreadable",
            "blind/c.txt! unreadable",
            "closed! unreadable",
            "z.jpg: x"),
        found("exec " + nobody + java(Program.class) + " \"$0\"").stream()
            .map(record -> record.substring(in.length() + 1))
            .toList());
    assertEquals(
        List.of(
            in + "/closed! unreadable",
            in + "/closed/a.jpg! unreadable",
            in + "/a.jpg! unreadable",
            "@" + in + "/a.jpg! unreadable"),
        found(
            "exec "
                + nobody
                + java(Program.class)
                + " \"$0/closed\" \"$0/closed/a.jpg\" \"$0/a.jpg\" \"@$0/a.jpg\""));
  }

  @Test
  void a_list_of_many_megabytes_is_never_in_memory() throws Exception {
    String entry = "./".repeat(70) + UTF_8;
    assertEquals(
        List.of("300000"),
        found(
            "cd \"$0\"; yes %s | head -100000 | %s -"
                .formatted(entry, java(Counting.class, "-Xmx8m"))));
  }

  @Test
  @Tag("long")
  void a_hundred_thousand_files_in_folders_need_the_memory_of_one_folder() throws Exception {
    shell(
        "cd \"$0\"; rm *.jpg; for i in $(seq 200); do mkdir $i; cd $i; seq -f '%0150g.jpg' 500 |"
            + " xargs touch;cd ..; done; printf 'end' > 99/000.jpg");
    assertEquals(List.of("3"), found("exec " + java(Counting.class, "-Xmx8m") + " \"$0\""));
  }

  /** The lines of a program that the shell runs; $0 is the folder. */
  private List<String> found(String script) throws Exception {
    List<String> lines = new ArrayList<>();
    for (String line : shell(script).lines().toList()) {
      lines.add(new String(HexFormat.of().parseHex(line), StandardCharsets.UTF_8));
    }
    return lines;
  }

  private String shell(String script) throws Exception {
    // In a file, since the locale of these tests need not know the script's characters.
    Path file = Files.writeString(folder.resolve("script"), script);
    Process process =
        new ProcessBuilder("sh", "-c", ". \"$1\"", in, file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (InputStream out = process.getInputStream()) {
      String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), script);
      return text;
    }
  }

  /** A command that any user may run: the classes are copied to where they can be read. */
  private String java(Class<?> main, String... options) throws IOException {
    Path classes = folder.resolve("classes/org/alexnetedge/pipeline");
    Files.createDirectories(classes);
    for (Class<?> origin : List.of(Inputs.class, Found.class)) {
      Path compiled =
          Path.of(origin.getProtectionDomain().getCodeSource().getLocation().getPath())
              .resolve("org/alexnetedge/pipeline");
      try (Stream<Path> files = Files.list(compiled)) {
        for (Path file : files.toList()) {
          Files.write(classes.resolve(file.getFileName()), Files.readAllBytes(file));
        }
      }
    }
    return "'%s/bin/java' -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto %s -cp '%s' '%s'"
        .formatted(
            System.getProperty("java.home"),
            String.join(" ", options),
            folder.resolve("classes"),
            main.getName());
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }
}
