package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** On the carried CPU library: a provider that it lacks is an error with the reason. */
class ProvidersTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @Test
  void a_provider_that_is_not_compiled_in_is_named_with_the_reason() {
    assertUnusable(Provider.cuda(0), "CUDAExecutionProvider", "CUDA");
    assertUnusable(
        Provider.cuda(1).with("arena_extend_strategy", "kSameAsRequested"),
        "CUDAExecutionProvider",
        "CUDA");
    assertUnusable(Provider.tensorRt(0), "TensorrtExecutionProvider", "TensorRT");
    assertUnusable(Provider.qnn("x.so"), "QNN", "QNN");
    assertUnusable(Provider.named("NoSuchThing"), "NoSuchThing", "Unknown provider");
  }

  private static void assertUnusable(Provider provider, String name, String reason) {
    Executable check = () -> ORT.check(provider);
    Executable open =
        () ->
            ModelFixture.open(ModelFixture.add(1), SessionOptions.builder().providers(provider))
                .close();
    for (Executable each : new Executable[] {check, open}) {
      OrtException e = assertThrows(OrtException.class, each);
      assertTrue(e.getMessage().startsWith(name + " cannot be used: "), e.getMessage());
      assertTrue(e.getMessage().substring(name.length()).contains(reason), e.getMessage());
    }
  }

  @Test
  void strict_without_providers_is_the_plain_cpu() {
    try (Session session =
            ModelFixture.open(ModelFixture.add(1), SessionOptions.builder().strict(true));
        Tensor a = ModelFixture.tensor(new float[] {1}, 1);
        Outputs outputs = session.run(Map.of("a", a, "b", a))) {
      assertEquals(2, outputs.tensor("y").toFloatArray()[0]);
    }
  }
}
