package org.alexnetedge.onnx;

import com.google.protobuf.Descriptors.Descriptor;
import java.lang.foreign.MemorySegment;

/**
 * A look over a protobuf file before it is parsed: whether it is whole, and how much Java memory
 * its messages would take. A file of two-byte messages would take eighty times its size.
 */
sealed interface WireScan {

  /** Whole; parsing needs about this much heap beside the fields that stay in the file's memory. */
  record Whole(long heapBytes) implements WireScan {}

  /** The file ends inside a part that would go on for so many bytes. */
  record CutOff(long missing) implements WireScan {}

  /** Not of this format; the reason is half a sentence. */
  record Malformed(String why) implements WireScan {}

  static WireScan of(MemorySegment bytes, Descriptor descriptor) {
    WireScanner scanner = new WireScanner(bytes);
    try {
      scanner.message(descriptor, bytes.byteSize(), 0);
      return new Whole(scanner.heap);
    } catch (WireScanner.Stop stop) {
      return stop.result;
    }
  }
}
