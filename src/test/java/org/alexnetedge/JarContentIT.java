package org.alexnetedge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** What the jar carries, said from the other side than pom.xml's filters. */
class JarContentIT {
  private static final Path JAR = Path.of(System.getProperty("alexnet.jar"));

  private static final long MEGABYTE = 1_000_000;

  /** Whatever matches none of these is in the jar by mistake. */
  private static final List<Pattern> ALLOWED =
      List.of(
          Pattern.compile("META-INF/(MANIFEST\\.MF|LICENSE|NOTICE|licenses/[a-z0-9-]+\\.txt)"),
          Pattern.compile("ThirdPartyNotices\\.txt"),
          Pattern.compile("org/alexnetedge/.*"),
          Pattern.compile("ai/onnx/proto/[^/]+\\.class"),
          Pattern.compile("com/google/protobuf/[^/]+\\.class"),
          Pattern.compile("com/google/gson/.*\\.class"),
          Pattern.compile("picocli/[^/]+\\.class"),
          Pattern.compile("me/tongfei/progressbar/.*\\.class"),
          Pattern.compile("org/jline/utils/WCWidth.*\\.class"),
          Pattern.compile("org/jspecify/annotations/[^/]+\\.class"),
          Pattern.compile("io/jhdf/.*\\.class"),
          Pattern.compile(
              "org/slf4j/.*\\.class|META-INF/services/org\\.slf4j\\.spi\\.SLF4JServiceProvider"),
          Pattern.compile(
              "org/apache/commons/lang3/((concurrent|function|stream|time|util)/)?[^/]+\\.class"),
          Pattern.compile("org/bytedeco/javacpp/([a-z]+/)?[^/]+\\.class"),
          Pattern.compile("org/bytedeco/javacpp/properties/linux-(x86_64|arm64)\\.properties"),
          Pattern.compile("org/bytedeco/openblas/presets/[^/]+\\.class"),
          Pattern.compile(
              "org/bytedeco/opencv/(global|helper|presets)/opencv_[^/]+\\.class"
                  + "|org/bytedeco/opencv/opencv_(core|imgproc|imgcodecs)/[^/]+\\.class"),
          Pattern.compile("org/bytedeco/opencv/linux-x86_64/share/licenses/opencv4/[^/]+"),
          Pattern.compile(
              "ai/onnxruntime/native/linux-(x64|aarch64)/libonnxruntime\\.so"
                  + "|org/bytedeco/onnxruntime/linux-(x86_64|arm64)/libonnxruntime\\.so\\.1"
                  + "|org/bytedeco/javacpp/linux-(x86_64|arm64)/libjnijavacpp\\.so"
                  + "|org/bytedeco/opencv/linux-(x86_64|arm64)/libopencv_"
                  + "(core|imgproc|imgcodecs)\\.so\\.\\d+"
                  + "|org/bytedeco/opencv/linux-(x86_64|arm64)/libjniopencv_"
                  + "(core|imgcodecs)\\.so"));

  /** Both ONNX Runtimes, JavaCPP and OpenCV with its JNI shims, for each processor. */
  private static final int LIBRARIES_PER_PLATFORM = 8;

  private static final Pattern LIBRARY = Pattern.compile(".*\\.(so(\\.\\d+)*|dll|dylib)");
  private static final Pattern X86_64 = Pattern.compile(".*/linux-(x64|x86_64)/.*");
  private static final Pattern AARCH64 = Pattern.compile(".*/linux-(aarch64|arm64)/.*");

  // elf.h
  private static final int E_MACHINE = 18;
  private static final int EM_X86_64 = 62;
  private static final int EM_AARCH64 = 183;

  @Test
  void the_jar_carries_nothing_but_what_it_needs() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      List<String> strangers =
          jar.stream()
              .filter(entry -> !entry.isDirectory())
              .map(ZipEntry::getName)
              .filter(name -> ALLOWED.stream().noneMatch(p -> p.matcher(name).matches()))
              .toList();
      assertEquals(List.of(), strangers);
    }
  }

  @Test
  void both_platforms_have_their_libraries_and_each_is_built_for_its_processor()
      throws IOException {
    Map<Integer, Integer> carried = new TreeMap<>();
    try (JarFile jar = new JarFile(JAR.toFile())) {
      for (ZipEntry entry : jar.stream().filter(JarContentIT::isThirdPartyLibrary).toList()) {
        int machine = machine(jar, entry);
        Pattern folder = machine == EM_X86_64 ? X86_64 : AARCH64;
        assertTrue(folder.matcher(entry.getName()).matches(), entry.getName() + ": " + machine);
        carried.merge(machine, 1, Integer::sum);
      }
    }
    assertEquals(
        Map.of(EM_X86_64, LIBRARIES_PER_PLATFORM, EM_AARCH64, LIBRARIES_PER_PLATFORM), carried);
  }

  @Test
  void the_licences_travel() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      for (String name :
          List.of(
              "META-INF/LICENSE",
              "META-INF/NOTICE",
              "META-INF/licenses/onnxruntime.txt",
              "META-INF/licenses/jhdf.txt",
              "META-INF/licenses/slf4j.txt",
              "META-INF/licenses/torchvision.txt",
              "ThirdPartyNotices.txt",
              "org/bytedeco/opencv/linux-x86_64/share/licenses/opencv4/libjpeg-turbo-LICENSE.md")) {
        assertTrue(jar.getEntry(name) != null, name);
      }
    }
  }

  @Test
  void the_manifest_starts_the_command_line_and_permits_native_code() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      Attributes manifest = jar.getManifest().getMainAttributes();
      assertEquals("org.alexnetedge.cli.Main", manifest.getValue(Attributes.Name.MAIN_CLASS));
      assertEquals("ALL-UNNAMED", manifest.getValue("Enable-Native-Access"));
      assertEquals(
          System.getProperty("project.version"), manifest.getValue("Implementation-Version"));
    }
  }

  @Test
  void the_jar_stays_small() throws IOException {
    long size = Files.size(JAR);
    assertTrue(size < 70 * MEGABYTE, size + " bytes");
  }

  private static boolean isThirdPartyLibrary(ZipEntry entry) {
    return LIBRARY.matcher(entry.getName()).matches()
        && !entry.getName().startsWith("org/alexnetedge/");
  }

  private static int machine(JarFile jar, ZipEntry entry) throws IOException {
    try (InputStream in = jar.getInputStream(entry)) {
      byte[] header = in.readNBytes(E_MACHINE + 2);
      return Byte.toUnsignedInt(header[E_MACHINE]) | Byte.toUnsignedInt(header[E_MACHINE + 1]) << 8;
    }
  }
}
