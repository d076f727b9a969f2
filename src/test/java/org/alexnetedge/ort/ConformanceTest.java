package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.alexnetedge.SharedData;
import org.alexnetedge.onnx.TensorFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** ONNX's own backend test cases, through the binding. */
class ConformanceTest {
  /** Models of opsets 1 and 6 for which ONNX Runtime has no kernels any more. */
  private static final Set<String> WITHOUT_KERNEL =
      Set.of(
          "test_AvgPool2d",
          "test_AvgPool2d_stride",
          "test_Linear",
          "test_operator_addmm",
          "test_operator_mm");

  @TestFactory
  List<DynamicTest> every_case_gives_its_expected_outputs() throws IOException {
    String cases = "data/onnx/conformance";
    if (!Files.exists(Path.of("../shared"))) {
      // One test that is skipped, since a factory that is leaves no trace in the reports.
      return List.of(DynamicTest.dynamicTest("conformance", () -> SharedData.at(cases)));
    }
    List<DynamicTest> tests = new ArrayList<>();
    try (Stream<Path> all = Files.walk(SharedData.at(cases))) {
      all.filter(file -> file.endsWith("model.onnx"))
          .map(Path::getParent)
          .sorted()
          .forEach(
              folder -> {
                String name = folder.getFileName().toString();
                tests.add(
                    DynamicTest.dynamicTest(
                        name,
                        () -> {
                          if (WITHOUT_KERNEL.contains(name)) {
                            assertHasNoKernel(folder);
                          } else {
                            assertConforms(folder);
                          }
                        }));
              });
    }
    assertEquals(83, tests.size());
    return tests;
  }

  private static void assertHasNoKernel(Path folder) {
    OrtException e =
        assertThrows(
            OrtException.class,
            () ->
                Session.open(
                        ModelFixture.environment(),
                        folder.resolve("model.onnx"),
                        SessionOptions.DEFAULT)
                    .close());
    assertEquals(OrtException.Code.NOT_IMPLEMENTED, e.code(), e.getMessage());
  }

  private static void assertConforms(Path folder) throws IOException {
    SessionOptions options = SessionOptions.builder().intraOpThreads(1).build();
    try (Session session =
            Session.open(ModelFixture.environment(), folder.resolve("model.onnx"), options);
        Stream<Path> children = Files.list(folder)) {
      List<Path> sets = children.filter(Files::isDirectory).sorted().toList();
      assertFalse(sets.isEmpty());
      for (Path set : sets) {
        Stored.assertGives(session, tensors(set, "input_"), tensors(set, "output_"), 1e-3, 1e-7);
      }
    }
  }

  /** The numbered tensors of a data set. */
  private static List<org.alexnetedge.onnx.Tensor> tensors(Path folder, String prefix) {
    List<org.alexnetedge.onnx.Tensor> tensors = new ArrayList<>();
    for (int i = 0; Files.exists(folder.resolve(prefix + i + ".pb")); i++) {
      tensors.add(TensorFile.read(folder.resolve(prefix + i + ".pb")));
    }
    return tensors;
  }

  @Test
  void the_light_bvlc_alexnet_gives_its_stored_output() {
    Path folder = SharedData.at("data/onnx/light");
    Path model = folder.resolve("light_bvlc_alexnet.onnx");
    try (Session session =
        Session.open(ModelFixture.environment(), model, SessionOptions.DEFAULT)) {
      long[] shape =
          ((ValueType.OfTensor) session.inputs().getFirst().type())
              .shape().stream().mapToLong(Dimension::size).toArray();
      assertArrayEquals(new long[] {1, 3, 224, 224}, shape);
      int n = 3 * 224 * 224;
      float[] input = new float[n];
      for (int i = 0; i < n; i++) {
        input[i] = (float) ((double) i / n);
      }
      Stored.assertGives(
          session,
          List.of(org.alexnetedge.onnx.Tensor.ofFloats(shape, input)),
          List.of(TensorFile.read(folder.resolve("light_bvlc_alexnet_output_0.pb"))),
          1e-3,
          1e-7);
    }
  }
}
