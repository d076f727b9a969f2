package org.alexnetedge.natives;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A set of native libraries on the class path that belong into one folder.
 *
 * <p>It is read from a resource {@code NAME-PLATFORM.sha256} beside the owning class: a first line
 * {@code # VERSION}, then one {@code SHA256 RESOURCE} a line (the format of {@code sha256sum}), in
 * the order in which the libraries have to be loaded.
 *
 * @param name folder-name part, for instance {@code onnxruntime}
 * @param version version of the libraries
 * @param platform for which they are
 * @param files in load order
 * @param loader class loader that has the resources
 */
public record NativeBundle(
    String name, String version, Platform platform, List<Entry> files, ClassLoader loader) {

  /**
   * One library.
   *
   * @param resource absolute resource path without a leading slash
   * @param sha256 lower-case hex
   */
  public record Entry(String resource, String sha256) {
    /** Last part of the resource path: the file's name in the cache folder. */
    public String fileName() {
      return resource.substring(resource.lastIndexOf('/') + 1);
    }
  }

  public NativeBundle {
    files = List.copyOf(files);
  }

  /**
   * Reads the bundle of this process's platform.
   *
   * @param owner class beside which the list lies
   * @throws NativeLibraryException when this build carries no such list
   */
  public static NativeBundle of(Class<?> owner, String name) {
    Platform platform = Platform.current();
    String list = name + "-" + platform.id() + ".sha256";
    try (InputStream in = owner.getResourceAsStream(list)) {
      if (in == null) {
        throw new NativeLibraryException(
            "This build carries no " + name + " library for " + platform.id() + ".");
      }
      BufferedReader reader =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
      String version = reader.readLine().substring(1).strip();
      List<Entry> files = new ArrayList<>();
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.isBlank()) {
          files.add(new Entry(line.substring(64).strip(), line.substring(0, 64)));
        }
      }
      return new NativeBundle(name, version, platform, files, owner.getClassLoader());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Name of the bundle's folder: other content, other name. */
  String folderName() {
    return name + "-" + version + "-" + platform.id() + "-" + Integer.toHexString(files.hashCode());
  }
}
