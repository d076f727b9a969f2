package org.alexnetedge.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.alexnetedge.SharedData;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PyTorchFileTest {
  private static final Map<String, byte[]> SIX = Map.of("0", TorchFiles.floats(0, 1, 2, 3, 4, 5));

  @TempDir private Path folder;

  private Map<String, Tensor> read(byte[] content) throws Exception {
    Path file = Files.write(folder.resolve("a.pth"), content);
    WeightFile weights = WeightFile.read(file, Arena.ofAuto());
    assertEquals(WeightFile.Format.PYTORCH, weights.format());
    return weights.tensors();
  }

  private Map<String, Tensor> read(PickleWriter pickle) throws Exception {
    return read(TorchFiles.archive(pickle.end(), SIX));
  }

  private String refusal(PickleWriter pickle) throws Exception {
    byte[] end = pickle.end();
    String archived = refusal(TorchFiles.archive(end, SIX));
    String streamed = refusal(TorchFiles.stream(end, SIX));
    Path file = folder.resolve("a.pth");
    // But for places in the file, the same is wrong with it.
    assertEquals(
        archived.replace("'a/data.pkl' in ", "").replaceAll("\\d+", "N"),
        streamed.replaceAll("\\d+", "N"));
    return streamed.replace(file + " ", "");
  }

  private String refusal(byte[] content) {
    return assertThrows(WeightsException.class, () -> read(content)).getMessage();
  }

  /** A dictionary with one tensor w of [2, 3], 0 to 5. */
  private static PickleWriter small(PickleWriter pickle) {
    return entry(pickle.op('}'), "w");
  }

  private static PickleWriter entry(PickleWriter pickle, String name) {
    return pickle.text(name).tensor("0", 6, 0, new long[] {2, 3}, new long[] {3, 1}).op('s');
  }

  private static final Tensor W = Tensor.ofFloats(new long[] {2, 3}, 0, 1, 2, 3, 4, 5);

  @Test
  void state_dicts_are_read_from_stored_and_compressed_archives_and_from_streams()
      throws Exception {
    byte[] pickle = small(new PickleWriter()).end();
    assertEquals(Map.of("w", W), read(TorchFiles.archive(pickle, SIX)));
    assertEquals(Map.of("w", W), read(TorchFiles.stream(pickle, SIX)));
    assertEquals(
        Map.of("w", W),
        read(TorchFiles.zip(TorchFiles.members(pickle, "little", SIX), ZipEntry.DEFLATED)));
  }

  @Test
  void big_endian_archives_come_out_little_endian() throws Exception {
    byte[] turned = TorchFiles.floats(0, 1, 2, 3, 4, 5);
    for (int i = 0; i < turned.length; i += 4) {
      byte first = turned[i];
      turned[i] = turned[i + 3];
      turned[i + 3] = first;
      byte second = turned[i + 1];
      turned[i + 1] = turned[i + 2];
      turned[i + 2] = second;
    }
    byte[] pickle = small(new PickleWriter()).end();
    Map<String, byte[]> members = TorchFiles.members(pickle, "big", Map.of("0", turned));
    assertEquals(Map.of("w", W), read(TorchFiles.zip(members, ZipEntry.STORED)));
    members = TorchFiles.members(pickle, "middle", SIX);
    assertTrue(refusal(TorchFiles.zip(members, ZipEntry.STORED)).contains("byte order"));
    members.put("a/version", new byte[] {'9', '9'});
    assertTrue(refusal(TorchFiles.zip(members, ZipEntry.STORED)).contains("version '99'"));
  }

  @Test
  void transposed_strided_and_shared_tensors_come_out_in_order() throws Exception {
    PickleWriter pickle = new PickleWriter().raw("}(");
    pickle.text("transposed").tensor("0", 6, 0, new long[] {3, 2}, new long[] {1, 3});
    pickle.text("every second").tensor("0", 6, 1, new long[] {3}, new long[] {2});
    pickle.text("part").tensor("0", 6, 2, new long[] {1, 4}, new long[] {99, 1});
    pickle.text("scalar").tensor("0", 6, 5, new long[] {}, new long[] {});
    pickle.text("repeated").tensor("0", 6, 4, new long[] {2, 2}, new long[] {0, 1});
    pickle.text("nothing").tensor("0", 6, 0, new long[] {0, 2}, new long[] {2, 1});
    assertEquals(
        Map.of(
            "transposed", Tensor.ofFloats(new long[] {3, 2}, 0, 3, 1, 4, 2, 5),
            "every second", Tensor.ofFloats(new long[] {3}, 1, 3, 5),
            "part", Tensor.ofFloats(new long[] {1, 4}, 2, 3, 4, 5),
            "scalar", Tensor.ofFloats(new long[] {}, 5),
            "repeated", Tensor.ofFloats(new long[] {2, 2}, 4, 5, 4, 5),
            "nothing", Tensor.ofFloats(new long[] {0, 2})),
        read(pickle.op('u')));
  }

  @Test
  void the_element_type_is_that_of_the_storage() throws Exception {
    Map<String, ElementType> types =
        Map.of(
            "HalfStorage", ElementType.FLOAT16,
            "BFloat16Storage", ElementType.BFLOAT16,
            "DoubleStorage", ElementType.FLOAT64,
            "LongStorage", ElementType.INT64,
            "IntStorage", ElementType.INT32,
            "ShortStorage", ElementType.INT16,
            "CharStorage", ElementType.INT8,
            "ByteStorage", ElementType.UINT8,
            "BoolStorage", ElementType.BOOL);
    PickleWriter pickle = new PickleWriter().raw("}(");
    types
        .keySet()
        .forEach(t -> pickle.text(t).tensor(t, "0", 2, 1, new long[] {1}, new long[] {1}));
    Map<String, ElementType> read = new LinkedHashMap<>();
    read(pickle.op('u')).forEach((name, tensor) -> read.put(name, tensor.type()));
    assertEquals(types, read);
  }

  @Test
  void the_weights_of_a_training_checkpoint_are_found() throws Exception {
    for (String wrapper : List.of("state_dict", "model", "model_state_dict", "net", "alexnet")) {
      PickleWriter pickle = new PickleWriter().raw("}(");
      // Epoch, loss, nothing, (1, 2), [], bytes by way of a function, options.
      pickle.text("epoch").op('K', 3).text("loss").op('G').int64(0).text("best").op('N');
      pickle.text("pair").op('K', 1, 'K', 2, 0x86).text("list").op(']');
      pickle.text("bytes").name("_codecs", "encode").text("x").text("latin1").op(0x86, 'R');
      pickle.text("args").name("argparse", "Namespace").op(')', 0x81, '}');
      pickle.text("lr").op('G').int64(0).op('s', 'b');
      pickle.text("optimizer").op('}').text("state").op('}', 'K', 0);
      small(pickle).op('s', 's');
      pickle.text(wrapper);
      entry(
          entry(pickle.name("collections", "OrderedDict").raw(")R"), "module._orig_mod.a"),
          "module._orig_mod.b");
      // The metadata that PyTorch hangs on.
      pickle.op('}').text("_metadata").op('}', 's', 'b');
      Map<String, Tensor> tensors = read(pickle.op('u'));
      assertEquals(Map.of("a", W, "b", W), tensors, wrapper);
      assertEquals(List.of("a", "b"), List.copyOf(tensors.keySet()));
    }
  }

  @Test
  void a_prefix_that_one_name_lacks_is_kept() throws Exception {
    PickleWriter pickle = entry(small(new PickleWriter()), "module.a");
    assertEquals(List.of("w", "module.a"), List.copyOf(read(pickle).keySet()));
  }

  @Test
  void parameters_and_tensors_with_state_are_their_data() throws Exception {
    PickleWriter pickle = new PickleWriter().op('}').text("w");
    pickle.name("torch._utils", "_rebuild_parameter").op('(');
    pickle.tensor("0", 6, 0, new long[] {2, 3}, new long[] {3, 1}).op(0x88, '}', 't', 'R', 's');
    assertEquals(Map.of("w", W), read(pickle));
  }

  @Test
  void untyped_storages_take_the_type_of_the_tensor() throws Exception {
    PickleWriter pickle = new PickleWriter().op('}').text("w");
    pickle.name("torch._utils", "_rebuild_tensor_v3").op('(', '(').text("storage");
    pickle.name("torch.storage", "UntypedStorage").text("0").text("cpu").number(24).raw("tQ");
    pickle.number(2).numbers(1).numbers(1).op(0x89, '}').name("torch", "uint32").raw("tRs");
    Tensor tensor = read(pickle).get("w");
    assertEquals(ElementType.UINT32, tensor.type());
    assertEquals(Float.floatToIntBits(2), tensor.longAt(0));
  }

  @Test
  void streams_may_hold_views_of_storages() throws Exception {
    PickleWriter pickle = new PickleWriter().op('}').text("w");
    pickle.name("torch._utils", "_rebuild_tensor").op('(', '(').text("storage");
    pickle.name("torch", "FloatStorage").text("0").text("cpu").number(6);
    pickle.op('(').text("view").number(2).number(3).raw("ttQ");
    pickle.number(1).numbers(2).numbers(1).raw("tRs");
    assertEquals(
        Map.of("w", Tensor.ofFloats(new long[] {2}, 3, 4)),
        read(TorchFiles.stream(pickle.end(), SIX)));
  }

  @Test
  void opcodes_of_all_protocols_are_understood() throws Exception {
    PickleWriter pickle = new PickleWriter().op(0x80, 5, 0x95).int64(1000);
    // What is read and left out, as a tuple of everything.
    pickle.raw("(I7\nI01\nL-12345678901234567890L\nF1.5\nS'a'\nVb\n");
    pickle.op('J').int32(-1).op('M', 1, 2, 0x8a, 1, 0xff, 0x8b).int32(2).op(1, 2);
    pickle.op('T').int32(1).raw("x").op('U', 1, 'x', 0x8c, 1, 'x', 'B').int32(1).raw("x");
    pickle.op('C', 1, 'x', 0x8d).int64(1).raw("x").op(0x8e).int64(1).raw("x");
    pickle.op(0x96).int64(1).raw("x").op('(', 'l', '(', 'd', '(', 'N', 0x91, 0x8f, '(', 'N', 0x90);
    pickle.op('(', 'N', 'N', '1', 'N', '0', 'N', '2', 'N', 0x85, 'N', 'N', 'N', 0x87);
    pickle.raw("N").raw("p7\n0g7\n").op('r').int32(70000).op('j').int32(70000);
    pickle.op('(').name("collections", "OrderedDict").op('o');
    pickle.raw("(icollections\nOrderedDict\n");
    pickle.op(0x8c, 8).raw("builtins").op(0x8c, 4).raw("dict").op(0x93, ')', '}', 0x92);
    pickle.op('K', 1, 0x94, '0', ']', 'N', 'a', '(', 'N', 'e', 't', '0');
    assertEquals(Map.of("w", W), read(small(pickle)));
  }

  @Test
  void what_is_not_data_is_refused_by_name_and_not_executed() throws Exception {
    List<String[]> names = new ArrayList<>();
    names.add(new String[] {"os", "system"});
    names.add(new String[] {"posix", "system"});
    names.add(new String[] {"builtins", "eval"});
    names.add(new String[] {"__builtin__", "getattr"});
    names.add(new String[] {"numpy.core.multiarray", "_reconstruct"});
    names.add(new String[] {"numpy", "dtype"});
    names.add(new String[] {"torch", "load"});
    names.add(new String[] {"torch.storage", "_load_from_bytes"});
    names.add(new String[] {"torch.nn.modules.container", "Sequential"});
    names.add(new String[] {"collections", "OrderedDict.fromkeys"});
    for (String[] each : names) {
      String full = (each[0].equals("__builtin__") ? "builtins" : each[0]) + "." + each[1];
      String expected =
          "asks for `"
              + full
              + "`, which is not data; nothing was executed. Save the weights alone:"
              + " torch.save(model.state_dict(), \"weights.pth\").";
      assertEquals(
          expected, refusal(new PickleWriter().name(each[0], each[1]).text("id").raw("\u0000")));
      assertEquals(expected, refusal(new PickleWriter().text(each[0]).text(each[1]).op(0x93)));
      assertEquals(
          expected, refusal(new PickleWriter().raw("(i" + each[0] + "\n" + each[1] + "\n")));
      assertEquals(expected, refusal(new PickleWriter().op('(').name(each[0], each[1]).op('o')));
    }
    assertTrue(refusal(new PickleWriter().op(0x82, 1)).contains("extension registry"));
    assertTrue(
        refusal(new PickleWriter().name("torch._utils", "_rebuild_qtensor"))
            .contains("a kind that is not supported"));
    String shown = refusal(new PickleWriter().name("os\u001b[31m", "x".repeat(5000)));
    assertTrue(shown.length() < 400 && shown.indexOf('\u001b') < 0, shown);
  }

  @Test
  void pickles_that_no_machine_could_run_are_refused() throws Exception {
    PickleWriter[] broken = {
      new PickleWriter().op('0'),
      new PickleWriter().op('a'),
      new PickleWriter().op('t'),
      new PickleWriter().op('1'),
      new PickleWriter().op('(', '2'),
      new PickleWriter().op('(', 'K', 1),
      new PickleWriter().op('h', 5),
      new PickleWriter().raw("g99\n"),
      new PickleWriter().raw("gx\n"),
      new PickleWriter().op('q', 5),
      new PickleWriter().op('N', ')', 'R'),
      new PickleWriter().name("torch", "float32").op(')', 'R'),
      new PickleWriter().name("collections", "OrderedDict").op('N', 'R'),
      new PickleWriter().name("collections", "OrderedDict").op('K', 1, 0x85, 'R'),
      new PickleWriter().name("collections", "OrderedDict").op('}', 'b'),
      new PickleWriter().name("torch._utils", "_rebuild_parameter").op(')', 'R'),
      new PickleWriter().name("torch._utils", "_rebuild_tensor_v2").op('N', 0x85, 'R'),
      new PickleWriter().op('}', 'N', 'a'),
      new PickleWriter().op(']', 'N', 'N', 's'),
      new PickleWriter().op('}', '(', 'N', 'u'),
      new PickleWriter().op('K', 1, 'K', 2, 0x93),
      new PickleWriter().op('N', 'Q'),
      new PickleWriter().text("storage").op('Q'),
      new PickleWriter().raw("(").text("module").op('N', 'N', 'N', 'N').raw("tQ"),
      new PickleWriter().op('(', 'o'),
      new PickleWriter().op(0x97),
      new PickleWriter().op(0x80, 9),
      new PickleWriter().op(0xff),
      new PickleWriter().op('P').raw("id\n"),
    };
    for (PickleWriter each : broken) {
      String message = refusal(each);
      assertTrue(message.endsWith("."), message);
    }
    assertTrue(refusal(new PickleWriter().op('K', 1)).contains("holds a number"));
    assertTrue(refusal(new PickleWriter().op('}')).contains("its entries are none"));
    assertTrue(
        refusal(new PickleWriter().op('}').text("lr").op('K', 1, 's'))
            .contains("entries are 'lr'"));
  }

  @Test
  void declared_lengths_are_believed_only_when_the_bytes_are_there() throws Exception {
    for (long length : new long[] {1L << 60, -1, Long.MIN_VALUE, 1 << 30}) {
      for (int opcode : new int[] {0x8d, 0x8e, 0x96}) {
        assertTrue(
            refusal(new PickleWriter().op(opcode).int64(length)).contains("bytes should follow"));
      }
    }
    for (int opcode : new int[] {'X', 'T', 'B', 0x8b}) {
      assertTrue(refusal(new PickleWriter().op(opcode).int32(-1)).contains("should follow"));
    }
  }

  @Test
  void tensors_outside_of_their_storage_are_refused() throws Exception {
    long huge = Long.MAX_VALUE;
    long[][][] wrong = {
      // offset, shape, strides
      {{0}, {7}, {1}},
      {{1}, {2, 3}, {3, 1}},
      {{0}, {2, 3}, {4, 1}},
      {{-1}, {1}, {1}},
      {{huge}, {1}, {1}},
      {{huge}, {2}, {huge}},
      {{0}, {-1}, {1}},
      {{0}, {2, -3}, {3, 1}},
      {{5}, {2}, {-1}},
      {{0}, {huge, huge}, {1, 1}},
      {{0}, {huge}, {0}},
      {{0}, {1L << 40}, {0}},
      {{0}, {2}, {huge}},
      {{0}, {3}, {huge}},
      {{-huge}, {2}, {huge}},
      {{6}, {}, {}},
      {{0}, {2}, {}},
      {{0}, new long[65], new long[65]},
    };
    for (long[][] each : wrong) {
      PickleWriter pickle =
          new PickleWriter().op('}').text("w").tensor("0", 6, each[0][0], each[1], each[2]).op('s');
      assertTrue(refusal(pickle).contains("damaged"));
    }
    for (long elements : new long[] {7, -1, huge, Long.MIN_VALUE}) {
      PickleWriter pickle =
          new PickleWriter()
              .op('}')
              .text("w")
              .tensor("0", elements, 0, new long[] {1}, new long[] {1})
              .op('s');
      assertTrue(refusal(pickle).contains("of which 6 are there"));
    }
    PickleWriter nowhere =
        new PickleWriter().op('}').text("w").tensor("1", 6, 0, new long[] {1}, new long[] {1});
    assertTrue(
        refusal(TorchFiles.archive(nowhere.op('s').end(), SIX))
            .contains("'a/data/1' is not in it"));
  }

  @Test
  void containers_that_share_or_hold_themselves_cost_nothing() throws Exception {
    // Each list holds the one before it ten times: 10^60 items in a few hundred bytes.
    PickleWriter laughs = new PickleWriter().op('}').text("state_dict").op(']', 'q', 0);
    for (int i = 0; i < 60; i++) {
      laughs.op('0', ']', '(');
      for (int j = 0; j < 10; j++) {
        laughs.op('h', i);
      }
      laughs.op('e', 'q', i + 1);
    }
    assertTrue(refusal(laughs.op('s')).contains("entries are 'state_dict'"));
    // A dictionary that is its own state_dict and key.
    PickleWriter cycle = new PickleWriter().op('}', 'q', 0, 'h', 0, 'h', 0, 's');
    assertTrue(
        refusal(cycle.text("state_dict").op('h', 0, 's'))
            .contains("entries are a dictionary, 'state_dict'"));
    PickleWriter tensors = new PickleWriter().op('}', 'q', 0).text("model").op('h', 0, 's');
    assertEquals(Map.of("w", W), read(entry(tensors, "w")));
  }

  @Test
  void neither_depth_nor_repeated_calls_exhaust_the_machine() throws Exception {
    PickleWriter deep = new PickleWriter().op('}').text("x").op(')');
    for (int i = 0; i < 200_000; i++) {
      deep.op(0x85);
    }
    assertEquals(Map.of("w", W), read(entry(deep.op('s'), "w")));
    // A long list that is turned into a dictionary again and again.
    PickleWriter calls = new PickleWriter().raw("](");
    for (int i = 0; i < 20_000; i++) {
      calls.op('N', 'N', 0x86);
    }
    calls.op('e', 'q', 0);
    for (int i = 0; i < 20_000; i++) {
      calls.name("collections", "OrderedDict").op('h', 0, 0x85, 'R', '0');
    }
    assertTrue(refusal(calls).contains("steps"));
  }

  @Test
  void a_small_file_never_takes_much_memory() throws Exception {
    // Transposed views of one storage, over and over.
    PickleWriter pickle = new PickleWriter().raw("}(");
    byte[] zeros = new byte[1 << 20];
    for (int i = 0; i < 1000; i++) {
      pickle.text("w" + i).tensor("0", 1 << 18, 0, new long[] {512, 512}, new long[] {1, 512});
    }
    Map<String, byte[]> members =
        TorchFiles.members(pickle.op('u').end(), "little", Map.of("0", zeros));
    assertTrue(
        refusal(TorchFiles.zip(members, ZipEntry.DEFLATED)).contains("repeats the elements"));
  }

  @Test
  void pytorchs_own_files_hold_the_same_numbers_in_all_formats() {
    Map<String, Tensor> archive = reference("model.pth").tensors();
    assertEquals(16, archive.size());
    assertEquals("features.0.weight", archive.keySet().iterator().next());
    assertArrayEquals(new long[] {8, 3, 11, 11}, archive.get("features.0.weight").shape());
    assertEquals(archive, reference("model-legacy.pth").tensors());
    WeightFile safetensors = reference("model.safetensors");
    assertEquals(WeightFile.Format.SAFETENSORS, safetensors.format());
    assertEquals(archive, safetensors.tensors());
  }

  private static WeightFile reference(String name) {
    return WeightFile.read(SharedData.at("references/torchvision-narrow/" + name), Arena.ofAuto());
  }
}
