package org.alexnetedge.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.alexnetedge.SharedData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that other programs wrote: exporters of PyTorch and Caffe2, ONNX's backend tests. */
class SharedModelsTest {
  @TempDir private Path folder;

  private static List<Path> files(String under, String suffix) throws Exception {
    try (Stream<Path> files = Files.walk(SharedData.at(under))) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  private void assertKept(Path file) throws Exception {
    OnnxModel model = OnnxModel.read(file);
    Path copy = folder.resolve("copy.onnx");
    model.write(copy);
    // Parsed by protobuf from the heap, so that nothing of ours is between.
    ModelProto expected = ModelProto.parseFrom(Files.readAllBytes(file));
    assertEquals(expected, ModelProto.parseFrom(Files.readAllBytes(copy)), file.toString());
    assertEquals(expected, GraphBuilder.of(model).build().proto(), file.toString());
    ModelSummary.of(model);
    model.graph().nodes().forEach(Node::attributes);
    model.graph().initializers().values().forEach(StoredTensor::tensor);
  }

  @Test
  void the_conformance_models_are_kept() throws Exception {
    List<Path> models = files("data/onnx/conformance", "model.onnx");
    assertTrue(models.size() >= 83, models.size() + " models");
    for (Path model : models) {
      assertKept(model);
    }
  }

  @Test
  void the_tensors_of_the_conformance_tests_are_kept() throws Exception {
    Path copy = folder.resolve("copy.pb");
    List<Path> tensors = files("data/onnx/conformance", ".pb");
    assertTrue(tensors.size() > 100, tensors.size() + " tensors");
    for (Path file : tensors) {
      Tensor tensor = TensorFile.read(file);
      TensorFile.write(copy, "", tensor);
      assertEquals(tensor, TensorFile.read(copy), file.toString());
    }
  }

  @Test
  void exported_classifiers_are_kept() throws Exception {
    assertKept(SharedData.at("data/onnx/squeezenet_v1.0.onnx"));
    assertKept(SharedData.at("data/onnx/light/light_bvlc_alexnet.onnx"));
    assertKept(SharedData.at("references/torchvision-narrow/model.onnx"));
    assertKept(SharedData.at("references/torchvision-narrow/model-ts.onnx"));
  }

  @Test
  void both_exporters_of_pytorch_give_the_same_weights() {
    OnnxModel dynamo = OnnxModel.read(SharedData.at("references/torchvision-narrow/model.onnx"));
    OnnxModel script = OnnxModel.read(SharedData.at("references/torchvision-narrow/model-ts.onnx"));
    assertEquals(206_642, dynamo.parameterCount());
    assertEquals(dynamo.parameters().keySet(), script.parameters().keySet());
    dynamo
        .parameters()
        .forEach(
            (name, tensor) ->
                assertEquals(tensor.tensor(), script.parameters().get(name).tensor(), name));
  }
}
