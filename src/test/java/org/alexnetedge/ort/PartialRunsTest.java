package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.onnx.GraphBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inputs and outputs that are left out; the numbers are those of ONNX Runtime's own Java tests. */
class PartialRunsTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @Test
  void an_input_that_no_output_needs_may_be_left_out() {
    try (Session session =
        ModelFixture.open(inputs("unused").node("Mul", List.of("a:0", "b:0"), "ab:0").build())) {
      assertEquals(List.of(6f), run(session, List.of("ab:0"), "a:0", "b:0", "c:0"));
      assertEquals(List.of(6f), run(session, List.of("ab:0"), "a:0", "b:0"));
      for (String[] few : new String[][] {{"c:0"}, {"b:0"}, {"b:0", "c:0"}, {}}) {
        OrtException e = assertThrows(OrtException.class, () -> run(session, List.of("ab:0"), few));
        assertTrue(e.getMessage().contains("Missing Input: a:0"), e.getMessage());
      }
    }
  }

  @Test
  void some_outputs_of_several_are_computed() {
    GraphBuilder graph =
        inputs("products")
            .output("bc:0", ModelFixture.floats(1))
            .output("abc:0", ModelFixture.floats(1))
            .node("Mul", List.of("a:0", "b:0"), "ab:0")
            .node("Mul", List.of("b:0", "c:0"), "bc:0")
            .node("Add", List.of("ab:0", "bc:0"), "abc:0");
    String[] all = {"a:0", "b:0", "c:0"};
    try (Session session = ModelFixture.open(graph.build())) {
      assertEquals(List.of(6f, 15f, 21f), run(session, List.of("ab:0", "bc:0", "abc:0"), all));
      assertEquals(List.of(21f), run(session, List.of("abc:0"), all));
      assertEquals(List.of(15f, 6f), run(session, List.of("bc:0", "ab:0"), all));
      // ONNX Runtime wants every input that some output needs, asked for or not.
      OrtException e =
          assertThrows(OrtException.class, () -> run(session, List.of("ab:0"), "a:0", "b:0"));
      assertTrue(e.getMessage().contains("Missing Input: c:0"), e.getMessage());
    }
  }

  @Test
  void no_outputs_asked_for_is_an_error_of_onnx_runtimes() {
    try (Session session = ModelFixture.open(ModelFixture.add(1));
        Tensor a = ModelFixture.tensor(new float[] {1}, 1)) {
      OrtException e =
          assertThrows(
              OrtException.class, () -> session.run(Map.of("a", a, "b", a), List.of(), null));
      assertTrue(e.getMessage().contains("output"), e.getMessage());
    }
  }

  @Test
  void a_model_is_opened_from_a_mapped_file(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("linear.onnx");
    ModelFixture.linear().build().write(file);
    Session session;
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(file)) {
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      session = Session.open(ORT, mapped, SessionOptions.DEFAULT);
    }
    try (session) {
      assertEquals("[x: float[batch,3]]", session.inputs().toString());
    }
  }

  private static GraphBuilder inputs(String name) {
    return ModelFixture.graph(name)
        .input("a:0", ModelFixture.floats(1))
        .input("b:0", ModelFixture.floats(1))
        .input("c:0", ModelFixture.floats(1))
        .output("ab:0", ModelFixture.floats(1));
  }

  /** Gives 2, 3 and 5 for a, b and c as far as they are named. */
  private static List<Float> run(Session session, List<String> outputs, String... given) {
    Map<String, Float> numbers = Map.of("a:0", 2f, "b:0", 3f, "c:0", 5f);
    Map<String, Tensor> inputs = new HashMap<>();
    for (String name : given) {
      inputs.put(name, ModelFixture.tensor(new float[] {numbers.get(name)}, 1));
    }
    List<Float> results = new ArrayList<>();
    try (Outputs values = session.run(inputs, outputs, null)) {
      for (String output : outputs) {
        results.add(values.tensor(output).toFloatArray()[0]);
      }
    } finally {
      inputs.values().forEach(Tensor::close);
    }
    return results;
  }
}
