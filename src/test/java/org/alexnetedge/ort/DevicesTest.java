package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.alexnetedge.natives.NativeLibraryException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What the carried CPU library finds; devices of plug-ins and GPUs are not there. */
class DevicesTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @TempDir Path folder;

  @Test
  void the_processor_is_a_device_of_the_cpu_provider() {
    List<Device> devices = ORT.devices();
    Device cpu = devices.getFirst();
    assertEquals("CPUExecutionProvider", cpu.provider());
    assertEquals(Device.Type.CPU, cpu.type());
    assertEquals("Microsoft", cpu.providerVendor());
    assertTrue(cpu.toString().startsWith("CPUExecutionProvider on CPU"), cpu.toString());
    for (Device device : devices) {
      assertFalse(device.provider().isEmpty());
      assertFalse(device.metadata().containsKey(""));
      assertThrows(UnsupportedOperationException.class, () -> device.metadata().put("a", "b"));
      assertThrows(
          UnsupportedOperationException.class, () -> device.providerMetadata().put("a", "b"));
      assertThrows(
          UnsupportedOperationException.class, () -> device.providerOptions().put("a", "b"));
    }
    assertEquals(
        devices.stream().map(Device::toString).toList(),
        ORT.devices().stream().map(Device::toString).toList());
  }

  @Test
  void a_session_runs_on_a_device() {
    Device cpu = ORT.devices().getFirst();
    Provider provider = Provider.on(cpu);
    assertEquals("CPUExecutionProvider", provider.name());
    assertTrue(provider.isCompiledInto(ORT.library()));
    ORT.check(provider);
    SessionOptions.Builder options =
        SessionOptions.builder()
            .providers(provider)
            .configuration("session.record_ep_graph_assignment_info", "1");
    try (Session session = ModelFixture.open(ModelFixture.add(1), options);
        Tensor a = ModelFixture.tensor(new float[] {3}, 1);
        Outputs outputs = session.run(Map.of("a", a, "b", a))) {
      assertEquals(6, outputs.tensor("y").toFloatArray()[0]);
      assertEquals(Map.of("CPUExecutionProvider", Map.of("Add", 1)), session.nodesByProvider());
    }
  }

  @Test
  void a_provider_needs_a_device() {
    assertEquals(
        "A provider is named by devices of one kind, not by those of [].",
        assertThrows(IllegalArgumentException.class, Provider::on).getMessage());
  }

  @Test
  void providers_have_onnx_runtimes_names_and_options_as_texts() {
    assertEquals("CUDAExecutionProvider{device_id=2}", Provider.cuda(2).toString());
    assertEquals("TensorrtExecutionProvider{device_id=1}", Provider.tensorRt(1).toString());
    assertEquals("OpenVINO{device_type=GPU}", Provider.openVino("GPU").toString());
    assertEquals("DnnlExecutionProvider{}", Provider.dnnl().toString());
    assertEquals("XNNPACK{intra_op_num_threads=2}", Provider.xnnpack(2).toString());
    assertEquals("QNN{backend_path=libQnnHtp.so}", Provider.qnn("libQnnHtp.so").toString());
    assertEquals("CANNExecutionProvider{device_id=0}", Provider.cann(0).toString());
    assertEquals("VitisAI{}", Provider.named("VitisAI").toString());
    assertEquals("CUDAExecutionProvider{}", Provider.named("cudaexecutionprovider").toString());
    Provider limited = Provider.cuda(0).with(Map.of("gpu_mem_limit", "1")).with("device_id", "3");
    assertEquals(Map.of("device_id", "3", "gpu_mem_limit", "1"), limited.options());
    assertEquals(Map.of("device_id", "0"), Provider.cuda(0).options());
    assertThrows(
        UnsupportedOperationException.class, () -> Provider.cuda(0).options().put("a", "b"));
    for (Provider provider :
        List.of(
            Provider.cann(0),
            Provider.dnnl(),
            Provider.openVino("CPU"),
            Provider.xnnpack(1),
            Provider.named("VitisAI"))) {
      assertFalse(provider.isCompiledInto(ORT.library()));
      String message = assertThrows(OrtException.class, () -> ORT.check(provider)).getMessage();
      assertTrue(message.startsWith(provider.name() + " cannot be used: "), message);
    }
  }

  @Test
  void a_library_that_is_no_plug_in_is_refused_with_the_reason() throws Exception {
    Path missing = folder.resolve("libmissing.so");
    assertRefused("There is no file " + missing + ".", missing);
    assertRefused(folder + " is not a file, so it cannot be loaded.", folder);
    Path text = Files.writeString(folder.resolve("libtext.so"), "no library");
    assertRefused(text + " is not a Linux shared library (not an ELF file).", text);
    byte[] whole = Files.readAllBytes(ORT.library().file());
    Path half = Files.write(folder.resolve("libhalf.so"), Arrays.copyOf(whole, whole.length / 2));
    String cut =
        assertThrows(NativeLibraryException.class, () -> ORT.registerProviders("half", half))
            .getMessage();
    assertTrue(cut.startsWith(half + " is incomplete: "), cut);
    Path other = OtherLibrary.ofAnotherProcessor(folder);
    String foreign =
        assertThrows(NativeLibraryException.class, () -> ORT.registerProviders("other", other))
            .getMessage();
    assertTrue(foreign.startsWith(other + " is built for another processor ("), foreign);
    Path math = OtherLibrary.math();
    for (int i = 0; i < 3; i++) {
      String symbol =
          assertThrows(OrtException.class, () -> ORT.registerProviders("math", math)).getMessage();
      assertTrue(symbol.contains("CreateEpFactories"), symbol);
    }
    assertSame(1, ORT.devices().size());
  }

  private static void assertRefused(String message, Path library) {
    assertEquals(
        message,
        assertThrows(NativeLibraryException.class, () -> ORT.registerProviders("some", library))
            .getMessage());
  }

  @Test
  void tensors_are_copied_within_main_memory() {
    try (Arena arena = Arena.ofConfined();
        Tensor a = ModelFixture.tensor(new float[] {1, 2}, 2);
        Tensor b = ModelFixture.tensor(new float[] {3, 4, 5}, 3);
        Tensor c = Tensor.allocate(ORT, ElementType.FLOAT, 2);
        Tensor d =
            Tensor.wrap(ORT, arena.allocate(ValueLayout.JAVA_FLOAT, 3), ElementType.FLOAT, 3)) {
      ORT.copy(List.of(a, b), List.of(c, d));
      assertArrayEquals(new float[] {1, 2}, c.toFloatArray());
      assertArrayEquals(new float[] {3, 4, 5}, d.toFloatArray());
      ORT.copy(List.of(), List.of());
    }
  }

  @Test
  void tensors_that_differ_or_are_gone_are_not_copied() {
    try (Tensor a = Tensor.allocate(ORT, ElementType.FLOAT, 2);
        Tensor b = Tensor.allocate(ORT, ElementType.FLOAT, 2, 1);
        Tensor c = Tensor.allocate(ORT, ElementType.INT32, 2)) {
      assertMessage(
          "A tensor FLOAT[2] cannot be copied to one FLOAT[2, 1].",
          IllegalArgumentException.class,
          () -> ORT.copy(List.of(a), List.of(b)));
      assertMessage(
          "A tensor FLOAT[2] cannot be copied to one INT32[2].",
          IllegalArgumentException.class,
          () -> ORT.copy(List.of(a), List.of(c)));
      assertMessage(
          "1 tensors cannot be copied to 0.",
          IllegalArgumentException.class,
          () -> ORT.copy(List.of(a), List.of()));
      Tensor closed = Tensor.allocate(ORT, ElementType.FLOAT, 2);
      closed.close();
      assertMessage(
          "The tensor is closed.",
          IllegalStateException.class,
          () -> ORT.copy(List.of(a), List.of(closed)));
      Arena arena = Arena.ofShared();
      try (Tensor wrapped = Tensor.wrap(ORT, arena.allocate(8, 8), ElementType.FLOAT, 2)) {
        arena.close();
        assertMessage(
            "Already closed",
            IllegalStateException.class,
            () -> ORT.copy(List.of(wrapped), List.of(a)));
      }
    }
  }

  @Test
  void strings_are_not_copied() {
    try (Tensor from = Tensor.ofStrings(ORT, new String[] {"a"}, 1);
        Tensor to = Tensor.ofStrings(ORT, new String[] {""}, 1)) {
      assertMessage(
          "A tensor of strings has no plain memory; use strings().",
          IllegalStateException.class,
          () -> ORT.copy(List.of(from), List.of(to)));
      assertArrayEquals(new String[] {""}, to.strings());
    }
  }

  private static <T extends Throwable> void assertMessage(
      String message, Class<T> type, Executable action) {
    assertEquals(message, assertThrows(type, action).getMessage());
  }
}
