package org.alexnetedge.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {
  @TempDir private Path folder;

  /** A file with this header and as many bytes of data: 0, 1, 2... */
  static byte[] file(String header, int data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + text.length + data).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(text.length).put(text);
    for (int i = 0; i < data; i++) {
      file.put((byte) i);
    }
    return file.array();
  }

  private static String entry(String name, String type, String shape, String offsets) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}"
        .formatted(name, type, shape, offsets);
  }

  private Map<String, Tensor> read(byte[] content) throws Exception {
    Path file = Files.write(folder.resolve("a.safetensors"), content);
    WeightFile weights = WeightFile.read(file, Arena.ofAuto());
    assertEquals(WeightFile.Format.SAFETENSORS, weights.format());
    return weights.tensors();
  }

  private String refusal(String header, int data) {
    return refusal(file(header, data));
  }

  private String refusal(byte[] content) {
    String message = assertThrows(WeightsException.class, () -> read(content)).getMessage();
    Path file = folder.resolve("a.safetensors");
    assertTrue(message.startsWith(file + " ") && message.endsWith("."), message);
    return message.substring(file.toString().length() + 1);
  }

  @Test
  void tensors_come_in_the_order_of_the_header_wherever_they_lie() throws Exception {
    Map<String, Tensor> tensors =
        read(
            file(
                "{"
                    + entry("z", "U8", "[2,1]", "[4,6]")
                    + ",\"__metadata__\":{\"format\":\"pt\"},"
                    + entry("a", "I32", "[]", "[0,4]")
                    + ","
                    + entry("none", "F32", "[0,7]", "[4,4]")
                    + "}   ",
                6));
    assertEquals(List.of("z", "a", "none"), List.copyOf(tensors.keySet()));
    assertEquals(5, tensors.get("z").longAt(1));
    assertEquals(0x03020100, tensors.get("a").longAt(0));
    assertEquals(0, tensors.get("none").size());
  }

  @Test
  void all_types_of_whole_bytes_are_known() throws Exception {
    Map<String, ElementType> types = new LinkedHashMap<>();
    types.put("F64", ElementType.FLOAT64);
    types.put("F32", ElementType.FLOAT32);
    types.put("F16", ElementType.FLOAT16);
    types.put("BF16", ElementType.BFLOAT16);
    types.put("F8_E4M3", ElementType.FLOAT8E4M3FN);
    types.put("F8_E5M2", ElementType.FLOAT8E5M2);
    types.put("I64", ElementType.INT64);
    types.put("I32", ElementType.INT32);
    types.put("I16", ElementType.INT16);
    types.put("I8", ElementType.INT8);
    types.put("U64", ElementType.UINT64);
    types.put("U32", ElementType.UINT32);
    types.put("U16", ElementType.UINT16);
    types.put("U8", ElementType.UINT8);
    types.put("BOOL", ElementType.BOOL);
    for (Map.Entry<String, ElementType> each : types.entrySet()) {
      int bytes = each.getValue().bits() / 8;
      String header = "{" + entry("w", each.getKey(), "[1]", "[0," + bytes + "]") + "}";
      assertEquals(each.getValue(), read(file(header, bytes)).get("w").type());
    }
    assertEquals(
        "has elements of type 'F4' in tensor 'w', which is not supported.",
        refusal("{" + entry("w", "F4", "[2]", "[0,1]") + "}", 1));
  }

  @Test
  void places_that_overlap_leave_gaps_or_lie_outside_are_refused() {
    String first = entry("a", "U8", "[4]", "[0,4]");
    assertEquals(
        "is damaged: tensor 'b' begins at byte 2 of the data, where 4 is expected.",
        refusal("{" + first + "," + entry("b", "U8", "[4]", "[2,6]") + "}", 6));
    assertEquals(
        "is damaged: tensor 'b' begins at byte 5 of the data, where 4 is expected.",
        refusal("{" + first + "," + entry("b", "U8", "[1]", "[5,6]") + "}", 6));
    assertEquals(
        "is cut off: tensor 'a' ends at byte 4 of the data, of which 3 are there.",
        refusal("{" + first + "}", 3));
    assertEquals(
        "is damaged: 1 bytes at its end belong to no tensor.", refusal("{" + first + "}", 5));
    assertEquals(
        "is damaged: tensor 'a' has 8 bytes by its shape and lies from byte 0 to 4.",
        refusal("{" + entry("a", "F32", "[2]", "[0,4]") + "}", 4));
    assertEquals(
        "is damaged: tensor 'a' has 0 bytes by its shape and lies from byte 4 to 0.",
        refusal("{" + entry("a", "F32", "[0]", "[4,0]") + "}", 4));
    String half = "400000000000000000";
    assertEquals(
        "is damaged: tensor 'a' has an impossible number of elements.",
        refusal("{" + entry("a", "U8", "[" + half + "," + half + "]", "[0,4]") + "}", 4));
  }

  @Test
  void headers_that_are_not_what_they_should_be_are_refused() {
    for (String header :
        List.of(
            "{",
            "{]",
            "{}x",
            "{} {}",
            "{\"a\":1}",
            "{\"a\":{}}",
            "{\"a\":[]}",
            "{'a':{}}",
            "{\"a\":{\"dtype\":{},\"shape\":[],\"data_offsets\":[0,4]}}",
            "{" + entry("a", "F32", "[-1]", "[0,4]") + "}",
            "{" + entry("a", "F32", "[1.0]", "[0,4]") + "}",
            "{" + entry("a", "F32", "[1e0]", "[0,4]") + "}",
            "{" + entry("a", "F32", "[\"1\"]", "[0,4]") + "}",
            "{" + entry("a", "F32", "[[1]]", "[0,4]") + "}",
            "{" + entry("a", "F32", "[1]", "[0]") + "}",
            "{" + entry("a", "F32", "[99999999999999999999]", "[0,4]") + "}",
            "{" + entry("a", "F32", "[1]", "[0,4]") + "," + entry("a", "F32", "[1]", "[0,4]") + "}",
            "{\"a\":" + "[".repeat(100_000) + "}",
            "{\"__metadata__\":" + "{\"x\":".repeat(100_000) + "}")) {
      assertTrue(refusal(header, 4).startsWith("is damaged: "), header);
    }
    byte[] latin = file("{\"\u00e4\":{}}", 0);
    latin[10] = (byte) 0xff;
    assertEquals("is damaged: its header is not UTF-8.", refusal(latin));
    byte[] long1 = file("{}", 0);
    long1[4] = 1;
    assertEquals("is damaged: its header would have 4294967298 bytes.", refusal(long1));
    byte[] cut = file("{}", 0);
    cut[0] = 9;
    assertEquals("is cut off: it ends inside its header.", refusal(cut));
  }

  @Test
  void a_file_without_tensors_is_read() throws Exception {
    assertEquals(Map.of(), read(file("{}", 0)));
  }
}
