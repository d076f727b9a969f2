package org.alexnetedge.image;

import java.nio.file.Path;
import org.alexnetedge.natives.NativeBundle;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.natives.NativeLibrary;
import org.alexnetedge.natives.NativeLibraryException;

/**
 * OpenCV's core, imgproc and imgcodecs, loaded once for the life of the process.
 *
 * <p>JavaCPP's classes are used with its loader switched off: that one searches for CUDA and
 * OpenBLAS for half a second. OpenBLAS is replaced by a stub (native/openblas-stub), so OpenCV's
 * linear algebra must not be called.
 */
public final class OpenCv {
  /** Pictures with more pixels than this are refused unless told otherwise: Pillow's limit. */
  public static final long DEFAULT_MAX_PIXELS = 178_956_970;

  private static boolean loaded;

  private OpenCv() {}

  /**
   * Extracts (once per version) and loads the libraries. Idempotent: later calls do nothing, and
   * their {@code maxPixels} has no effect. Thread-safe.
   *
   * @param cache where the libraries are extracted to
   * @param maxPixels OpenCV's own limit, the second line of defence behind {@link DecodeOptions}
   * @throws NativeLibraryException when a library cannot be extracted or loaded
   */
  public static synchronized void load(NativeCache cache, long maxPixels) {
    if (loaded) {
      return;
    }
    if (maxPixels <= 0) {
      throw new IllegalArgumentException("maxPixels must be positive, got " + maxPixels);
    }
    configureJavaCpp();
    configureOpenCv(maxPixels);
    NativeBundle bundle = NativeBundle.of(OpenCv.class, "opencv");
    Path folder = cache.extract(bundle);
    for (NativeBundle.Entry file : bundle.files()) {
      Path path = folder.resolve(file.fileName());
      try {
        System.load(path.toString());
      } catch (UnsatisfiedLinkError e) {
        // NativeLibrary opens it a second time, only to say why in words.
        NativeLibrary.open(path);
        throw new NativeLibraryException(path + " cannot be loaded: " + e.getMessage(), e);
      }
    }
    loaded = true;
  }

  static synchronized void requireLoaded() {
    if (!loaded) {
      throw new IllegalStateException("OpenCv.load has to come before pictures are decoded.");
    }
  }

  private static void configureJavaCpp() {
    System.setProperty("org.bytedeco.javacpp.loadlibraries", "false");
    // Native objects are closed explicitly here, so no collector thread is needed.
    System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
    // Else JavaCPP refuses allocations once the process is larger than four heaps: a mapped model
    // alone is.
    System.setProperty("org.bytedeco.javacpp.maxbytes", "0");
    System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
  }

  private static void configureOpenCv(long maxPixels) {
    NativeLibrary.setEnvironment("OPENCV_IO_MAX_IMAGE_PIXELS", Long.toString(maxPixels));
    // The number of pixels is what counts: a narrow picture may be long.
    NativeLibrary.setEnvironment("OPENCV_IO_MAX_IMAGE_WIDTH", "1073741824");
    NativeLibrary.setEnvironment("OPENCV_IO_MAX_IMAGE_HEIGHT", "1073741824");
    // Pictures are decoded in parallel, one a thread; OpenCV's own threads would compete. (The
    // function setNumThreads does the same, but sits in a class that takes 40 ms to load.)
    NativeLibrary.setEnvironment("OPENCV_FOR_THREADS_NUM", "1");
    // What is wrong with a picture is said by an ImageException, not on standard error.
    NativeLibrary.setEnvironment("OPENCV_LOG_LEVEL", "SILENT");
  }
}
