package org.alexnetedge.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are no whole ONNX model: a sentence with the file's name, and never anything else. */
class BadFilesTest {
  @TempDir private Path folder;

  private Path file(byte[] content) throws Exception {
    return Files.write(folder.resolve("bad.onnx"), content);
  }

  private String refusal(byte[] content) throws Exception {
    Path file = file(content);
    OnnxException e = assertThrows(OnnxException.class, () -> OnnxModel.read(file));
    assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    assertTrue(e.getMessage().endsWith("."), e.getMessage());
    return e.getMessage().substring(file.toString().length() + 1);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void missing_empty_and_folders() throws Exception {
    Path none = folder.resolve("none");
    assertEquals(
        "There is no file " + none + ".",
        assertThrows(OnnxException.class, () -> OnnxModel.read(none)).getMessage());
    assertEquals(
        folder + " is not a file.",
        assertThrows(OnnxException.class, () -> OnnxModel.read(folder)).getMessage());
    assertEquals("is empty.", refusal(new byte[0]));
  }

  @Test
  void files_of_other_programs_are_recognised() throws Exception {
    assertEquals(
        "is not an ONNX model: it is a Git LFS pointer, the file itself was not fetched (git lfs"
            + " pull).",
        refusal(ascii("version https://git-lfs/spec/v1\noid sha256:00\n")));
    assertTrue(refusal(ascii("PK\3\4rest")).contains("zip archive"));
    assertTrue(refusal(ascii("\u0093NUMPY\1\0")).contains("NumPy"));
    assertTrue(refusal(ascii("\u0089HDF\r\n")).contains("HDF5"));
    assertTrue(refusal(ascii("<!DOCTYPE html>")).contains("HTML"));
    assertTrue(refusal(ascii("{\"a\":1}")).contains("JSON"));
    assertTrue(refusal(ascii("\10\0\0\0ORTM")).contains("ONNX Runtime's own format"));
    assertTrue(refusal(ascii("just some text")).contains("does not begin as one"));
  }

  @Test
  void protobuf_without_a_graph_is_no_model() throws Exception {
    assertEquals(
        "is not an ONNX model: no graph is in it.",
        refusal(
            ModelProto.newBuilder().setIrVersion(8).setProducerName("x").build().toByteArray()));
    assertTrue(
        refusal(
                ModelProto.newBuilder()
                    .setIrVersion(8)
                    .setGraph(GraphProto.newBuilder().setName("g"))
                    .build()
                    .toByteArray())
            .contains("no operator set"));
    assertTrue(
        refusal(TensorCodec.encode("t", Tensor.ofFloats(new long[] {1}, 1)).toByteArray())
            .contains("does not begin as one"));
  }

  @Test
  void random_bytes_never_do_anything_but_be_refused() throws Exception {
    Random random = new Random(1);
    for (int i = 0; i < 300; i++) {
      byte[] content = new byte[1 + random.nextInt(2000)];
      random.nextBytes(content);
      refusal(content);
    }
  }

  @Test
  void a_model_cut_off_anywhere_is_refused_or_whole() throws Exception {
    byte[] whole = SmallModels.linear().build().proto().toByteArray();
    int readable = 0;
    for (int length = 1; length < whole.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      try {
        OnnxModel model = OnnxModel.read(file(cut));
        model.graph().initializers().values().forEach(StoredTensor::tensor);
        readable++; // After the operator set, only entries of metadata are missing.
      } catch (OnnxException e) {
        assertTrue(e.getMessage().contains("bad.onnx"), e.getMessage());
      }
    }
    assertTrue(readable <= 2, readable + " cuts were not noticed");
  }

  @Test
  void the_sentence_of_a_cut_says_how_much_is_missing() throws Exception {
    byte[] whole = SmallModels.linear().build().proto().toByteArray();
    assertTrue(refusal(java.util.Arrays.copyOf(whole, 60)).startsWith("is cut off, or damaged"));
  }

  @Test
  void flipped_bytes_give_a_model_or_a_sentence() throws Exception {
    byte[] whole = SmallModels.linear().build().proto().toByteArray();
    Random random = new Random(2);
    for (int i = 0; i < 1500; i++) {
      byte[] damaged = whole.clone();
      for (int n = random.nextInt(4); n >= 0; n--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        OnnxModel model = OnnxModel.read(file(damaged));
        ModelSummary.of(model);
        model.graph().inputs();
        model.metadata();
        model.parameterCount();
        model.graph().initializers().values().forEach(StoredTensor::tensor);
      } catch (OnnxException e) {
        assertTrue(e.getMessage().contains("bad.onnx"), e.getMessage());
      }
    }
  }

  @Test
  void a_file_made_to_fill_the_heap_is_refused_before_it_is_parsed() throws Exception {
    int nodes = 10_000_000; // Twenty megabytes of empty nodes: two gigabytes of objects.
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    bomb.writeBytes(new byte[] {0x08, 0x08, 0x3a});
    for (int length = 2 * nodes; length > 0; length >>>= 7) {
      bomb.write(length & 0x7f | (length > 0x7f ? 0x80 : 0));
    }
    byte[] graph = new byte[2 * nodes];
    for (int i = 0; i < graph.length; i += 2) {
      graph[i] = 0x0a;
    }
    bomb.writeBytes(graph);
    bomb.writeBytes(new byte[] {0x42, 2, 0x10, 17});
    assertTrue(refusal(bomb.toByteArray()).contains("MB of Java memory"));
  }

  @Test
  void graphs_in_graphs_beyond_all_measure_are_refused() throws Exception {
    // node { attribute { g { node { ... a thousand times.
    byte[] inner = {};
    for (int i = 0; i < 1000; i++) {
      inner = wrap(0x0a, wrap(0x2a, wrap(0x32, inner)));
    }
    ByteArrayOutputStream model = new ByteArrayOutputStream();
    model.writeBytes(new byte[] {0x08, 0x08});
    model.writeBytes(wrap(0x3a, inner));
    assertTrue(refusal(model.toByteArray()).contains("nested deeper"));
  }

  private static byte[] wrap(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int length = content.length;
    do {
      out.write(length & 0x7f | (length > 0x7f ? 0x80 : 0));
      length >>>= 7;
    } while (length > 0);
    out.writeBytes(content);
    return out.toByteArray();
  }
}
