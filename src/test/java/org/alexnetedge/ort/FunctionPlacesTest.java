package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.alexnetedge.SharedData;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A function called at a wrong place of a struct crashes, or worse, does something else. */
class FunctionPlacesTest {
  private static final String ORT_API = "OrtApi";

  /**
   * By struct: the last place of each API version that added functions, and that version. ONNX
   * Runtime's sources assert them up to 23 (onnxruntime_c_api.cc and compile_api.cc: "Size of
   * version N API cannot change"); later ones are from the "since" of each function in the header,
   * and 24 is what JavaCPP's 1.24.1 has. Place 14 of OrtCompileApi is left out: its "since" says
   * 1.24, but 1.24.1 does not have it.
   */
  private static final Map<String, NavigableMap<Integer, Integer>> VERSION_BY_LAST_PLACE =
      Map.of(
          ORT_API,
          new TreeMap<>(
              Map.of(
                  265, 16, 275, 17, 279, 18, 284, 20, 317, 22, 389, 23, 414, 24, 418, 25, 421, 27,
                  423, 28)),
          "OrtCompileApi",
          new TreeMap<>(Map.of(8, 22, 13, 23)));

  /** API version of the header that JavaCPP's binding was made from. */
  private static final int JAVACPP_VERSION = 24;

  private static final int NEWER = Integer.MAX_VALUE;

  private record Bound(String struct, String name, int place, int since) {
    @Override
    public String toString() {
      return struct + "." + name;
    }
  }

  /** JavaCPP's places, by struct and name. */
  private static Map<String, Map<String, Integer>> places = Map.of();

  @BeforeAll
  static void ask_javacpp(@TempDir Path folder) {
    places = OtherBinding.places(folder, List.copyOf(VERSION_BY_LAST_PLACE.keySet()));
  }

  @Test
  void every_function_is_called_where_the_header_that_javacpp_compiled_has_it() {
    List<String> wrong = new ArrayList<>();
    for (Bound function : bound()) {
      Integer place = places.get(function.struct()).get(function.name());
      if (place == null) {
        if (function.since() <= JAVACPP_VERSION) {
          wrong.add(function + " is unknown to JavaCPP, but said to be of " + function.since());
        }
      } else if (place != function.place()) {
        wrong.add(function + " is called at " + function.place() + ", JavaCPP has it at " + place);
      }
    }
    assertEquals("", String.join("\n", wrong));
  }

  @Test
  void javacpp_knows_every_place_of_its_version_and_none_twice() {
    for (String struct : VERSION_BY_LAST_PLACE.keySet()) {
      int last =
          VERSION_BY_LAST_PLACE.get(struct).entrySet().stream()
              .filter(version -> version.getValue() <= JAVACPP_VERSION)
              .mapToInt(Map.Entry::getKey)
              .max()
              .orElseThrow();
      assertEquals(
          IntStream.rangeClosed(0, last).boxed().toList(),
          places.get(struct).values().stream().sorted().toList(),
          struct);
    }
  }

  @Test
  void every_function_is_asked_for_from_the_version_on_that_introduced_it() {
    List<String> wrong = new ArrayList<>();
    for (Bound function : bound()) {
      NavigableMap<Integer, Integer> versions = VERSION_BY_LAST_PLACE.get(function.struct());
      Map.Entry<Integer, Integer> last = versions.ceilingEntry(function.place());
      int version = last == null ? NEWER : Math.max(Api.OLDEST, last.getValue());
      if (version == NEWER) {
        wrong.add(function + " lies beyond the versions that this test knows");
      } else if (version != function.since()) {
        wrong.add(function + " is said to be of " + function.since() + ", it is of " + version);
      }
    }
    assertEquals("", String.join("\n", wrong));
  }

  @Test
  void every_function_is_called_where_a_list_made_from_a_later_header_has_it() throws IOException {
    Map<String, Integer> listed = new HashMap<>();
    for (String line : Files.readAllLines(SharedData.at("facts/ort-api-index.txt"))) {
      String[] said = line.split(" ");
      listed.put(said[1], Integer.valueOf(said[0]));
    }
    for (Bound function : bound()) {
      if (function.struct().equals(ORT_API)) {
        assertEquals(listed.get(function.name()), function.place(), function::toString);
      }
    }
  }

  private static List<Bound> bound() {
    return Stream.of(Function.values())
        .map(f -> new Bound(ORT_API, f.name(), f.index(), f.since()))
        .toList();
  }
}
