package org.alexnetedge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.JarURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.alexnetedge.ort.ModelFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.NodeList;

/** The binding as other projects use it: its jar, with ONNX Runtime beside it or not. */
class OrtJarIT {
  private static final Path MAIN = Path.of(System.getProperty("alexnet.jar")).toAbsolutePath();
  private static final Path ORT = beside("ort");

  private static final Path PROGRAM = Path.of("examples/FirstProgram.java");

  /** Another version than the one whose checksums the binding knows. */
  private static final Path OLDEST =
      Path.of("target/oldest-onnxruntime/onnxruntime.jar").toAbsolutePath();

  @TempDir private Path folder;

  /** What a process said on both its outputs. */
  private record Finished(int exitCode, String said) {}

  @Test
  void a_program_is_compiled_and_runs_against_the_jar_and_microsofts_alone() throws Exception {
    Finished compiled =
        run(jdk("javac"), "-Xlint:all", "-Werror", "-cp", ORT, "-d", folder, PROGRAM);
    assertEquals(new Finished(0, ""), compiled);
    Path model = folder.resolve("average.onnx");
    ModelFixture.conv(2).write(model);
    Finished ran = java(List.of(folder, ORT, microsofts()), "FirstProgram", model);
    assertEquals(0, ran.exitCode(), ran.said());
    // Two averages of a picture whose values are all one half.
    List<Double> scores = ran.said().lines().map(Double::valueOf).toList();
    assertEquals(2, scores.size(), ran.said());
    scores.forEach(score -> assertEquals(0.5, score, 1e-6));

    // Without the libraries, though by now they lie in the cache.
    Finished without = java(List.of(folder, ORT), "FirstProgram", model);
    assertEquals(1, without.exitCode(), without.said());
    assertTrue(
        without
            .said()
            .matches(
                "(?s).*NativeLibraryException: The library"
                    + " ai/onnxruntime/native/linux-[a-z0-9]+/libonnxruntime\\.so is not on the"
                    + " class path; add the dependency"
                    + " com\\.microsoft\\.onnxruntime:onnxruntime:[0-9.]+, in this very version, or"
                    + " name another library with OrtLibrary\\.at\\.\n"
                    + ".*"),
        without.said());
  }

  @Test
  void libraries_of_another_version_are_refused_on_the_class_path_and_taken_by_name()
      throws Exception {
    Path model = folder.resolve("average.onnx");
    ModelFixture.conv(2).write(model);
    Finished refused = java(List.of(ORT, OLDEST), PROGRAM, model);
    assertEquals(1, refused.exitCode(), refused.said());
    assertTrue(
        refused
            .said()
            .contains(
                "The library libonnxruntime.so is not the one this build was made with (its SHA-256"
                    + " differs); add the dependency com.microsoft.onnxruntime:onnxruntime:"),
        refused.said());

    Finished taken = java(List.of(ORT), "examples/CustomLibraryExample.java", OLDEST, model);
    assertEquals(0, taken.exitCode(), taken.said());
    assertTrue(taken.said().contains("ONNX Runtime 1.16."), taken.said());
  }

  @Test
  void the_jar_holds_the_binding_and_nothing_else() throws IOException {
    List<String> entries = entries(ORT);
    assertEquals(
        List.of("META-INF/LICENSE", "META-INF/MANIFEST.MF"),
        entries.stream()
            .filter(
                name ->
                    !name.matches(
                            "org/alexnetedge/(natives|ort(/training)?)/[A-Za-z0-9$-]+\\.class")
                        && !name.matches(
                            "org/alexnetedge/ort/(training/)?onnxruntime(-training)?-linux-\\w+\\.sha256"))
            .sorted()
            .toList());
    // The very classes that the main jar has.
    List<String> binding = List.of("org/alexnetedge/natives/", "org/alexnetedge/ort/");
    assertEquals(
        entries(MAIN).stream()
            .filter(name -> binding.stream().anyMatch(name::startsWith))
            .collect(Collectors.toSet()),
        entries.stream()
            .filter(name -> name.startsWith("org/alexnetedge/"))
            .collect(Collectors.toSet()));
  }

  @Test
  void a_dependant_gets_no_other_dependencies() throws Exception {
    NodeList others =
        (NodeList)
            XPathFactory.newInstance()
                .newXPath()
                .evaluate(
                    "/project/dependencies/dependency"
                        + "[not(scope = 'test') and not(optional = 'true')]/artifactId",
                    DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new File("pom.xml")),
                    XPathConstants.NODESET);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < others.getLength(); i++) {
      names.add(others.item(i).getTextContent());
    }
    assertEquals(List.of(), names, "neither of scope test nor optional in pom.xml");
  }

  @Test
  void the_sources_jar_holds_the_sources() throws IOException {
    Path root = Path.of("src/main/java");
    List<String> entries = entries(beside("sources"));
    try (Stream<Path> files = Files.walk(root)) {
      assertEquals(
          files
              .filter(Files::isRegularFile)
              .map(file -> root.relativize(file).toString())
              .collect(Collectors.toSet()),
          entries.stream().filter(name -> name.endsWith(".java")).collect(Collectors.toSet()));
    }
    assertEquals(List.of(), entries.stream().filter(name -> name.contains(".so")).toList());
  }

  @Test
  void the_javadoc_jar_holds_a_page_for_each_public_type() throws IOException {
    List<String> entries = entries(beside("javadoc"));
    assertTrue(
        entries.containsAll(
            List.of(
                "index.html",
                "org/alexnetedge/natives/NativeCache.html",
                "org/alexnetedge/ort/package-summary.html",
                "org/alexnetedge/ort/IoBinding.html",
                "org/alexnetedge/ort/OrtLibrary.html",
                "org/alexnetedge/ort/Provider.html",
                "org/alexnetedge/ort/Session.html",
                "org/alexnetedge/ort/Tensor.html")),
        entries.toString());
    assertTrue(!entries.contains("org/alexnetedge/ort/Api.html"), "not public");
  }

  @Test
  void the_readme_shows_the_program_that_runs_here() throws IOException {
    String program = Files.readString(PROGRAM);
    String body =
        program.substring(program.indexOf("    var library"), program.lastIndexOf("  }\n}"));
    assertTrue(Files.readString(Path.of("README.md")).contains(body), "README.md lacks\n" + body);
  }

  private Finished java(List<Path> classPath, Object program, Path... arguments) throws Exception {
    List<Object> command = new ArrayList<>();
    command.add(jdk("java"));
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(classPath.stream().map(Path::toString).collect(Collectors.joining(":")));
    command.add(program);
    command.addAll(List.of(arguments));
    return run(command.toArray());
  }

  private Finished run(Object... command) throws Exception {
    Path said = Files.createTempFile(folder, "said", "");
    ProcessBuilder builder =
        new ProcessBuilder(Stream.of(command).map(Object::toString).toList())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    builder.environment().put("ALEXNET_CACHE", folder.resolve("cache").toString());
    Process process = builder.start();
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("it does not end: " + Files.readString(said));
    }
    return new Finished(process.exitValue(), Files.readString(said));
  }

  /** Of the test class path; the main jar has none of Microsoft's classes. */
  private static Path microsofts() throws Exception {
    var entry = OrtJarIT.class.getResource("/ai/onnxruntime/OrtSession.class").openConnection();
    return Path.of(((JarURLConnection) entry).getJarFileURL().toURI());
  }

  private static Path beside(String classifier) {
    return MAIN.resolveSibling("alexnet-edge-" + classifier + ".jar");
  }

  private static String jdk(String program) {
    return Path.of(System.getProperty("java.home"), "bin", program).toString();
  }

  private static List<String> entries(Path file) throws IOException {
    try (JarFile jar = new JarFile(file.toFile())) {
      return jar.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName).toList();
    }
  }
}
