package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.alexnetedge.SharedData;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A function called at a wrong place of a struct crashes, or worse, does something else. */
class FunctionPlacesTest {
  /** API version of the header that JavaCPP's binding was made from. */
  private static final int JAVACPP_VERSION = 24;

  /** JavaCPP's places, by struct and name. */
  private static Map<String, Map<String, Integer>> places = Map.of();

  @BeforeAll
  static void ask_javacpp(@TempDir Path folder) {
    places =
        OtherBinding.places(
            folder, Stream.of(Function.Struct.values()).map(Function.Struct::header).toList());
  }

  @Test
  void every_function_is_called_where_the_header_that_javacpp_compiled_has_it() {
    List<String> wrong = new ArrayList<>();
    for (Function function : Function.values()) {
      Integer place = places.get(function.struct().header()).get(function.name());
      if (place == null) {
        if (function.since() <= JAVACPP_VERSION) {
          wrong.add(function + " is unknown to JavaCPP, but said to be of " + function.since());
        }
      } else if (place != function.index()) {
        wrong.add(function + " is called at " + function.index() + ", JavaCPP has it at " + place);
      }
    }
    assertEquals("", String.join("\n", wrong));
  }

  @Test
  void javacpp_knows_every_place_of_its_version_and_none_twice() {
    for (Function.Struct struct : Function.Struct.values()) {
      assertEquals(
          IntStream.range(0, struct.size(JAVACPP_VERSION)).boxed().toList(),
          places.get(struct.header()).values().stream().sorted().toList(),
          struct.header());
    }
  }

  @Test
  void every_function_is_called_where_a_list_made_from_a_later_header_has_it() throws IOException {
    Map<String, Integer> listed = new HashMap<>();
    for (String line : Files.readAllLines(SharedData.at("facts/ort-api-index.txt"))) {
      String[] said = line.split(" ");
      listed.put(said[1], Integer.valueOf(said[0]));
    }
    for (Function function : Function.values()) {
      if (function.struct() == Function.Struct.API) {
        assertEquals(listed.get(function.name()), function.index(), function::toString);
      }
    }
  }

  @Test
  void versions_are_those_that_the_header_says_of_some_functions() {
    // The first and the last of what a version introduced, as onnxruntime_c_api.h has it.
    assertEquals(1, Function.ReleaseSessionOptions.since());
    assertEquals(2, Function.CastTypeInfoToMapTypeInfo.since());
    assertEquals(3, Function.AddFreeDimensionOverrideByName.since());
    assertEquals(8, Function.CreateSessionWithPrepackedWeightsContainer.since());
    assertEquals(16, Function.RunAsync.since());
    assertEquals(17, Function.SetDeterministicCompute.since());
    assertEquals(18, Function.AddExternalInitializersFromFilesInMemory.since());
    assertEquals(20, Function.CreateLoraAdapter.since());
    assertEquals(22, Function.GetEpDevices.since());
    assertEquals(23, Function.CopyTensors.since());
    assertEquals(24, Function.EpAssignedNode_GetOperatorType.since());
    assertEquals(22, Function.CompileModel.since());
    assertEquals(23, Function.ModelCompilationOptions_SetFlags.since());
  }

  @Test
  void the_documentation_lists_every_function_with_its_version() throws IOException {
    StringBuilder table =
        new StringBuilder("| function | struct | place | since |\n|---|---|---|---|\n");
    for (Function function : Function.values()) {
      table.append(
          "| %s | %s | %d | 1.%d |\n"
              .formatted(
                  function.name(), function.struct().header(), function.index(), function.since()));
    }
    String text = Files.readString(Path.of("native/functions.md"));
    assertTrue(
        text.endsWith(table.toString()),
        () -> "The table in native/functions.md should be:\n\n" + table.toString());
  }
}
