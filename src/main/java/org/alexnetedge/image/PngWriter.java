package org.alexnetedge.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/** Pixels as a PNG file, to look at what a network gets to see. Thread-safe. */
public final class PngWriter {
  private PngWriter() {}

  /** The bytes of a PNG file. Needs {@link OpenCv#load} before. */
  public static byte[] encode(Pixels pixels) {
    OpenCv.requireLoaded();
    try (Arena arena = Arena.ofConfined();
        BytePointer file = new BytePointer()) {
      MemorySegment bgr = arena.allocate(pixels.data().byteSize());
      for (long i = 0; i < bgr.byteSize(); i += 3) {
        for (int c = 0; c < 3; c++) {
          bgr.set(
              ValueLayout.JAVA_BYTE, i + c, pixels.data().get(ValueLayout.JAVA_BYTE, i + 2 - c));
        }
      }
      try (Mat mat = Decoder.matOf(bgr, pixels.height(), pixels.width(), 3)) {
        if (!opencv_imgcodecs.imencode(".png", mat, file)) {
          throw new IllegalStateException("OpenCV did not encode the PNG.");
        }
      }
      byte[] bytes = new byte[Math.toIntExact(file.limit())];
      file.get(bytes);
      return bytes;
    }
  }
}
