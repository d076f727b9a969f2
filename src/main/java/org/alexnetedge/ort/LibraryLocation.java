package org.alexnetedge.ort;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.natives.NativeLibraryException;
import org.alexnetedge.natives.Platform;

/** From what a user names (a file, a folder, a jar) to the {@code libonnxruntime} file. */
final class LibraryLocation {
  private LibraryLocation() {}

  static Path find(Path named, NativeCache cache) {
    if (!Files.exists(named)) {
      throw new NativeLibraryException("There is no file or folder " + named + ".");
    }
    if (Files.isDirectory(named)) {
      return inFolder(named);
    }
    return named.getFileName().toString().endsWith(".jar") ? inJar(named, cache) : named;
  }

  private static Path inFolder(Path folder) {
    List<Path> searched = List.of(folder, folder.resolve("lib"), folder.resolve("capi"));
    for (Path place : searched) {
      List<Path> found = new ArrayList<>();
      if (Files.isDirectory(place)) {
        // The glob leaves out libonnxruntime_providers_*.so.
        try (DirectoryStream<Path> files = Files.newDirectoryStream(place, "libonnxruntime.so*")) {
          files.forEach(found::add);
        } catch (IOException e) {
          throw new NativeLibraryException(
              "The folder " + place + " cannot be listed (" + e.getMessage() + ").", e);
        }
      }
      if (!found.isEmpty()) {
        return Collections.min(found); // The plain name before versioned ones.
      }
    }
    throw new NativeLibraryException(
        "There is no libonnxruntime.so in " + folder + ", nor in its folders lib and capi.");
  }

  private static Path inJar(Path jar, NativeCache cache) {
    // Microsoft's jars, bytedeco's, and bytedeco's for GPUs.
    List<String> prefixes =
        switch (Platform.current()) {
          case LINUX_X86_64 ->
              List.of(
                  "ai/onnxruntime/native/linux-x64/",
                  "org/bytedeco/onnxruntime/linux-x86_64/",
                  "org/bytedeco/onnxruntime/linux-x86_64-gpu/");
          case LINUX_AARCH64 ->
              List.of(
                  "ai/onnxruntime/native/linux-aarch64/", "org/bytedeco/onnxruntime/linux-arm64/");
        };
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      List<ZipEntry> libraries =
          zip.stream()
              .filter(e -> prefixes.stream().anyMatch(p -> isLibrary(e.getName(), p)))
              .map(ZipEntry.class::cast)
              .toList();
      if (libraries.isEmpty()) {
        throw new NativeLibraryException(
            "The jar " + jar + " holds no ONNX Runtime for " + Platform.current().id() + ".");
      }
      Path folder =
          cache.extract(
              "jar-" + jar.getFileName() + "-" + Integer.toHexString(fingerprint(libraries)),
              libraries.stream()
                  .map(
                      e ->
                          new NativeCache.Content(
                              e.getName().substring(e.getName().lastIndexOf('/') + 1),
                              null,
                              () -> zip.getInputStream(e)))
                  .toList());
      return inFolder(folder);
    } catch (IOException e) {
      throw new NativeLibraryException(
          "The jar " + jar + " cannot be read (" + e.getMessage() + ").", e);
    }
  }

  private static int fingerprint(List<ZipEntry> entries) {
    int hash = 1;
    for (ZipEntry entry : entries) {
      hash = 31 * hash + entry.getName().hashCode();
      hash = 31 * hash + Long.hashCode(entry.getCrc());
    }
    return hash;
  }

  /** Java's own glue (libonnxruntime4j_jni) is not needed. */
  private static boolean isLibrary(String name, String prefix) {
    return name.startsWith(prefix) && name.contains(".so") && !name.contains("jni");
  }
}
