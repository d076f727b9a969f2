package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.alexnetedge.onnx.GraphBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrawCommandTest {
  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void createModel() {
    model = folder.resolve("small.onnx");
    Invocation run =
        Invocation.of("create", "-o", model, "--arch", "paper", "--width", "0.02", "--classes", 7);
    assertEquals(0, run.exitCode(), run.err());
  }

  @Test
  void the_format_is_told_by_the_file_or_by_an_option() throws Exception {
    Path svg = folder.resolve("a.svg");
    Invocation run = Invocation.of("draw", model, "-o", svg);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals("", run.out() + run.err());
    String text = Files.readString(svg);
    // 55 = 1 + (227 - 11) / 4; two channels of the paper's 96
    assertTrue(text.contains(">[batch, 2, 55, 55]<"), text);
    assertTrue(text.contains(">small.onnx<"), text);
    Path other = folder.resolve("other");
    run = Invocation.of("draw", model, "-o", other, "--format", "svg", "--title", "A < B");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(Files.readString(other).contains(">A &lt; B<"));
  }

  @Test
  void a_png_is_a_picture_or_a_sentence_about_fonts() throws Exception {
    Path png = folder.resolve("a.PNG");
    Invocation run = Invocation.of("draw", model, "-o", png, "--style", "blocks");
    if (run.exitCode() == 4) {
      assertTrue(run.err().contains("cannot paint text"), run.err());
      assertTrue(run.err().contains("-o FILE.svg"), run.err());
      assertFalse(Files.exists(png));
    } else {
      assertEquals(0, run.exitCode(), run.err());
      assertTrue(ImageIO.read(png.toFile()).getWidth() > 600);
    }
  }

  @Test
  void a_file_that_is_there_is_kept_unless_it_may_be_replaced() throws Exception {
    Path svg = Files.writeString(folder.resolve("a.svg"), "mine");
    Invocation run = Invocation.of("draw", model, "-o", svg);
    assertEquals(4, run.exitCode());
    assertTrue(run.err().contains("a.svg exists already; --overwrite replaces it."), run.err());
    assertEquals("mine", Files.readString(svg));
    assertEquals(0, Invocation.of("draw", model, "-o", svg, "--overwrite").exitCode());
    assertTrue(Files.readString(svg).startsWith("<?xml"));
  }

  @Test
  void outputs_that_cannot_be_written_are_said_and_nothing_is_left_behind() throws Exception {
    Invocation run = Invocation.of("draw", model, "-o", folder.resolve("none/a.svg"));
    assertEquals(4, run.exitCode());
    assertTrue(run.err().contains("there is no folder"), run.err());
    Path directory = Files.createDirectory(folder.resolve("d.svg"));
    run = Invocation.of("draw", model, "-o", directory, "--overwrite");
    assertEquals(4, run.exitCode());
    assertTrue(run.err().contains("it is a folder"), run.err());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(
          List.of("d.svg", "small.onnx"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void models_that_cannot_be_drawn_are_exit_code_3() throws Exception {
    Path svg = folder.resolve("a.svg");
    Invocation run = Invocation.of("draw", folder.resolve("none.onnx"), "-o", svg);
    assertEquals(3, run.exitCode());
    assertTrue(run.err().contains("There is no model file"), run.err());
    Path text = Files.writeString(folder.resolve("text.onnx"), "no model");
    assertEquals(3, Invocation.of("draw", text, "-o", svg).exitCode());
    Path empty = folder.resolve("empty.onnx");
    new GraphBuilder("g", 8, 17).build().write(empty);
    run = Invocation.of("draw", empty, "-o", svg, "--style", "blocks");
    assertEquals(3, run.exitCode());
    assertTrue(run.err().contains("empty.onnx cannot be drawn. Blocks show"), run.err());
    assertFalse(Files.exists(svg));
    assertEquals(0, Invocation.of("draw", empty, "-o", svg).exitCode());
  }

  @Test
  void options_that_mean_nothing_are_wrong_usage() {
    Path svg = folder.resolve("a.svg");
    assertEquals(2, Invocation.of("draw", model, "-o", svg, "--style", "cubes").exitCode());
    assertEquals(2, Invocation.of("draw", model, "-o", svg, "--format", "gif").exitCode());
    Invocation run = Invocation.of("draw", model, "-o", folder.resolve("a.jpg"));
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("ends neither in .svg nor in .png"), run.err());
    assertFalse(Files.exists(svg));
  }
}
