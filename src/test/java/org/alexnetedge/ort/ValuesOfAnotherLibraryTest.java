package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A process with two libraries; handles of one mean nothing to the other. */
class ValuesOfAnotherLibraryTest {
  private static final Path JAR = Path.of("target/oldest-onnxruntime/onnxruntime.jar");

  @Test
  void they_are_refused_wherever_they_are_given() {
    List<String> said = OtherLibrary.process(ValuesOfAnotherLibraryTest.class);
    assertEquals(9, said.size(), said.toString());
    for (String line : said) {
      assertTrue(line.matches(".* belongs to another library \\(.*\\) than the .*"), line);
    }
  }

  public static void main(String[] arguments) {
    OrtEnvironment own = ModelFixture.environment();
    OrtEnvironment other =
        OrtLibrary.at(JAR, ModelFixture.cache()).environment(LogLevel.FATAL, message -> {});
    try (Session session = TypedModels.identity(TypedModels.FLOATS);
        IoBinding binding = new IoBinding(session);
        Tensor tensor = Tensor.ofFloats(other, new float[] {1}, 1);
        Tensor key = Tensor.ofStrings(other, new String[] {"k"}, 1);
        SequenceValue sequence = SequenceValue.of(other, List.of(tensor));
        MapValue map = MapValue.of(other, key, tensor);
        SparseTensor sparse =
            SparseTensor.coo(
                other,
                ElementType.FLOAT,
                new long[] {2, 2},
                MemorySegment.ofArray(new float[1]),
                1)) {
      for (OrtValue value : List.of(tensor, key, sequence, map, sparse)) {
        say(() -> session.run(Map.of("x", value)).close());
      }
      say(() -> binding.bindInput("x", tensor));
      say(() -> binding.bindOutput("y", tensor));
      say(() -> SequenceValue.of(own, List.of(tensor)).close());
      say(() -> MapValue.of(own, key, tensor).close());
    }
  }

  private static void say(Runnable action) {
    try {
      action.run();
      System.out.println("not refused");
    } catch (RuntimeException e) {
      System.out.println(e.getMessage());
    }
  }
}
