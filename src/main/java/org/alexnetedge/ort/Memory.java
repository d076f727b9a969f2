package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A place where tensors lie: main memory, or a device's. Immutable and without native memory.
 *
 * @param name ONNX Runtime's name of the allocator: {@code Cpu}, {@code Cuda}, {@code CudaPinned},
 *     ...
 * @param device number of the device, from 0
 * @param isMain true when Java can read and write it
 */
public record Memory(String name, int device, boolean isMain) {
  /** Plain main memory. */
  public static final Memory CPU = new Memory("Cpu", 0, true);

  // enums of onnxruntime_c_api.h
  private static final int ORT_DEVICE_ALLOCATOR = 0;
  private static final int ORT_MEM_TYPE_CPU_OUTPUT = -1;
  private static final int ORT_MEM_TYPE_DEFAULT = 0;
  private static final int DEVICE_TYPE_CPU = 0;
  private static final int HOST_ACCESSIBLE = 5;

  /** A GPU's own memory. */
  public static Memory cuda(int device) {
    return new Memory("Cuda", device, false);
  }

  /** Main memory that a GPU can copy from and to without the processor. */
  public static Memory cudaPinned(int device) {
    return new Memory("CudaPinned", device, true);
  }

  /** Makes an {@code OrtMemoryInfo}, which the caller releases. */
  long create(Api api, Arena scratch) {
    MemorySegment out = scratch.allocate(java.lang.foreign.ValueLayout.JAVA_LONG);
    boolean pinned = isMain && !equals(CPU);
    api.call(
        Function.CreateMemoryInfo,
        scratch.allocateFrom(name).address(),
        ORT_DEVICE_ALLOCATOR,
        device,
        pinned ? ORT_MEM_TYPE_CPU_OUTPUT : ORT_MEM_TYPE_DEFAULT,
        out.address());
    return out.get(java.lang.foreign.ValueLayout.JAVA_LONG, 0);
  }

  /** Reads an {@code OrtMemoryInfo}, which stays its owner's. */
  static Memory of(Api api, long info) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      api.call(Function.MemoryInfoGetId, info, out.address());
      int device = out.get(JAVA_INT, 0);
      api.plain(Function.MemoryInfoGetDeviceType, info, out.address());
      boolean main =
          out.get(JAVA_INT, 0) == DEVICE_TYPE_CPU
              || api.has(Function.MemoryInfoGetDeviceMemType)
                  && (int) api.plain(Function.MemoryInfoGetDeviceMemType, info) == HOST_ACCESSIBLE;
      return new Memory(CStrings.read(api.make(Function.MemoryInfoGetName, info)), device, main);
    }
  }

  @Override
  public String toString() {
    return device == 0 && isMain && name.equals("Cpu") ? "main memory" : name + " " + device;
  }
}
