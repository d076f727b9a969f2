package org.alexnetedge.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways in which a file can hold the elements of a tensor. */
class StoredTensorTest {
  @TempDir private Path folder;

  private static Tensor decode(TensorProto.Builder proto) {
    return new StoredTensor(proto.build(), Origin.BUILT).tensor();
  }

  private static TensorProto.Builder proto(ElementType type, long... shape) {
    TensorProto.Builder proto = TensorProto.newBuilder().setName("t").setDataType(type.code());
    for (long dimension : shape) {
      proto.addDims(dimension);
    }
    return proto;
  }

  @Test
  void typed_fields_hold_what_raw_bytes_would() {
    assertArrayEquals(
        new float[] {1, -0f},
        decode(proto(ElementType.FLOAT32, 2).addFloatData(1).addFloatData(-0f)).toFloats());
    assertEquals(2.5, decode(proto(ElementType.FLOAT64).addDoubleData(2.5)).doubleAt(0));
    assertEquals(-3, decode(proto(ElementType.INT64, 1).addInt64Data(-3)).longAt(0));
    assertEquals(
        0xffff_ffffL, decode(proto(ElementType.UINT32, 1).addUint64Data(0xffff_ffffL)).longAt(0));
    assertEquals(-7, decode(proto(ElementType.INT8, 1).addInt32Data(-7)).longAt(0));
    assertEquals(200, decode(proto(ElementType.UINT8, 1).addInt32Data(200)).longAt(0));
    assertEquals(-70000, decode(proto(ElementType.INT32, 1).addInt32Data(-70000)).longAt(0));
    assertEquals(1, decode(proto(ElementType.BOOL, 1).addInt32Data(1)).longAt(0));
    assertEquals(1.5, decode(proto(ElementType.FLOAT16, 1).addInt32Data(0x3e00)).doubleAt(0));
    assertEquals(
        2, decode(proto(ElementType.INT4, 3).addInt32Data(0x21).addInt32Data(3)).data().byteSize());
    assertEquals(
        8, decode(proto(ElementType.COMPLEX64).addFloatData(1).addFloatData(2)).data().byteSize());
    assertEquals(0, decode(proto(ElementType.FLOAT32, 0)).size());
    assertEquals(
        List.of("ü"),
        decode(proto(ElementType.STRING, 1).addStringData(ByteString.copyFromUtf8("ü"))).strings());
  }

  @Test
  void a_wrong_number_of_elements_is_said() {
    OnnxException e =
        assertThrows(
            OnnxException.class, () -> decode(proto(ElementType.FLOAT32, 3).addFloatData(1)));
    assertEquals(
        "The model has a tensor t float32[3] with 1 values, where 3 are needed.", e.getMessage());
    e =
        assertThrows(
            OnnxException.class,
            () -> decode(proto(ElementType.FLOAT32, 1).setRawData(ByteString.copyFromUtf8("abc"))));
    assertTrue(e.getMessage().contains("3 bytes of data, where 4 are needed"), e.getMessage());
  }

  @Test
  void impossible_shapes_and_types_are_said() {
    assertThrows(OnnxException.class, () -> decode(proto(ElementType.FLOAT32, -1)));
    assertThrows(OnnxException.class, () -> decode(proto(ElementType.FLOAT32, 1L << 40, 1L << 40)));
    assertThrows(OnnxException.class, () -> decode(proto(ElementType.FLOAT32, 1L << 62)));
    assertThrows(OnnxException.class, () -> decode(proto(ElementType.FLOAT32, 1).setDataType(99)));
    assertThrows(OnnxException.class, () -> decode(proto(ElementType.UNDEFINED, 1)));
  }

  @Test
  void tensor_files_come_back() {
    Path file = folder.resolve("t.pb");
    for (Tensor tensor :
        List.of(
            Tensor.ofFloats(new long[] {2, 1}, 1, 2),
            Tensor.ofLongs(new long[0], 5),
            Tensor.ofFloats(new long[] {0, 3}),
            Tensor.ofStrings(new long[] {2}, List.of("a", "ü")))) {
      TensorFile.write(file, "t", tensor);
      assertEquals(tensor, TensorFile.read(file));
    }
  }

  /** The small model with its weight in another file. */
  private OnnxModel external(String location, String offset, String length) throws Exception {
    ModelProto model = SmallModels.linear().build().proto();
    TensorProto.Builder weight =
        model.getGraph().getInitializer(0).toBuilder()
            .clearRawData()
            .setDataLocation(TensorProto.DataLocation.EXTERNAL);
    entry(weight, "location", location);
    entry(weight, "offset", offset);
    entry(weight, "length", length);
    ModelProto changed =
        model.toBuilder().setGraph(model.getGraph().toBuilder().setInitializer(0, weight)).build();
    Path inner = Files.createDirectories(folder.resolve("inner"));
    Path file = inner.resolve("model.onnx");
    Files.write(file, changed.toByteArray());
    return OnnxModel.read(file);
  }

  private static void entry(TensorProto.Builder tensor, String key, String value) {
    if (!value.isEmpty()) {
      tensor.addExternalData(StringStringEntryProto.newBuilder().setKey(key).setValue(value));
    }
  }

  private static byte[] weights(int before) {
    byte[] bytes = new byte[before + 24];
    byte[] raw =
        SmallModels.linear()
            .build()
            .proto()
            .getGraph()
            .getInitializer(0)
            .getRawData()
            .toByteArray();
    System.arraycopy(raw, 0, bytes, before, 24);
    return bytes;
  }

  @Test
  void weights_beside_the_model_are_read_and_taken_in_when_it_is_written() throws Exception {
    Files.createDirectories(folder.resolve("inner/sub"));
    Files.write(folder.resolve("inner/sub/w.data"), weights(8));
    OnnxModel model = external("sub/w.data", "8", "24");
    StoredTensor weight = model.graph().initializers().get("w");
    assertEquals("sub/w.data", weight.externalFile().orElseThrow());
    assertEquals(Tensor.ofFloats(new long[] {2, 3}, 1, 2, 3, 4, 5, 6), weight.tensor());

    Path alone = folder.resolve("alone.onnx");
    model.write(alone);
    assertEquals(SmallModels.linear().build().proto(), OnnxModel.read(alone).proto());

    GraphBuilder other = new GraphBuilder("other", 8, 17).initializer(weight);
    assertTrue(other.build().graph().initializers().get("w").externalFile().isEmpty());
  }

  @Test
  void offset_and_length_may_be_left_out() throws Exception {
    external("w.data", "", "");
    Files.write(folder.resolve("inner/w.data"), weights(0));
    assertEquals(
        6f, external("w.data", "", "").graph().initializers().get("w").tensor().toFloats()[5]);
  }

  @Test
  void external_data_outside_the_folder_is_refused() throws Exception {
    Files.write(folder.resolve("outside"), weights(0));
    external("outside", "", "");
    Files.createSymbolicLink(folder.resolve("inner/link"), folder.resolve("outside"));
    for (String location :
        List.of(
            "../outside", "sub/../../outside", folder.resolve("outside").toString(), "link", ".")) {
      StoredTensor weight = external(location, "", "").graph().initializers().get("w");
      OnnxException e = assertThrows(OnnxException.class, weight::tensor, location);
      assertTrue(e.getMessage().contains("outside its own folder"), e.getMessage());
    }
  }

  @Test
  void missing_short_or_odd_external_data_is_said() throws Exception {
    assertSaid("none.data", "", "", "which does not exist");
    Files.write(folder.resolve("inner/w.data"), new byte[20]);
    assertSaid("w.data", "", "", "needs 4 more bytes of 'w'");
    assertSaid("w.data", "9000000000000000000", "", "more bytes of 'w'");
    assertSaid("w.data", "-8", "", "whose offset is '-8'");
    assertSaid("w.data", "x", "", "whose offset is 'x'");
    assertSaid("w.data", "0", "12", "12 bytes in w.data, where its shape needs 24");
    assertSaid("", "", "", "does not say where the data of 'w' is");
    assertSaid("a\0b", "", "", "outside its own folder");
  }

  private void assertSaid(String location, String offset, String length, String words)
      throws Exception {
    StoredTensor weight = external(location, offset, length).graph().initializers().get("w");
    OnnxException e = assertThrows(OnnxException.class, weight::tensor);
    assertTrue(e.getMessage().contains(words), e.getMessage());
  }
}
