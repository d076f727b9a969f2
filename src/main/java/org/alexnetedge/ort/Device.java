package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Hardware together with the execution provider that can use it, as ONNX Runtime found it. Stays
 * valid for the life of the process. Immutable.
 */
public final class Device {
  /** {@code OrtHardwareDeviceType} of onnxruntime_c_api.h. */
  public enum Type {
    /** A processor. */
    CPU,
    /** A graphics processor. */
    GPU,
    /** A processor for neural networks only. */
    NPU,
    /** A type that this version does not know. */
    OTHER
  }

  private final OrtEnvironment environment;
  private final long handle;
  private final String provider;
  private final String providerVendor;
  private final Map<String, String> providerMetadata;
  private final Map<String, String> providerOptions;
  private final Type type;
  private final String vendor;
  private final int vendorId;
  private final int deviceId;
  private final Map<String, String> metadata;

  /**
   * @param handle an {@code OrtEpDevice}, which lives as long as its provider's library
   */
  Device(OrtEnvironment environment, long handle) {
    this.environment = environment;
    this.handle = handle;
    Api api = environment.api();
    provider = CStrings.read(api.plain(Function.EpDevice_EpName, handle));
    providerVendor = CStrings.read(api.plain(Function.EpDevice_EpVendor, handle));
    providerMetadata = pairs(api, api.plain(Function.EpDevice_EpMetadata, handle));
    providerOptions = pairs(api, api.plain(Function.EpDevice_EpOptions, handle));
    long hardware = api.plain(Function.EpDevice_Device, handle);
    int code = (int) api.plain(Function.HardwareDevice_Type, hardware);
    type = code >= 0 && code < Type.OTHER.ordinal() ? Type.values()[code] : Type.OTHER;
    vendor = CStrings.read(api.plain(Function.HardwareDevice_Vendor, hardware));
    vendorId = (int) api.plain(Function.HardwareDevice_VendorId, hardware);
    deviceId = (int) api.plain(Function.HardwareDevice_DeviceId, hardware);
    metadata = pairs(api, api.plain(Function.HardwareDevice_Metadata, hardware));
  }

  private static Map<String, String> pairs(Api api, long pairs) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG, 3);
      long start = out.address();
      api.plain(Function.GetKeyValuePairs, pairs, start, start + 8, start + 16);
      long n = out.getAtIndex(JAVA_LONG, 2);
      Map<String, String> map = new LinkedHashMap<>();
      for (long i = 0; i < n; i++) {
        map.put(string(out.getAtIndex(JAVA_LONG, 0), i), string(out.getAtIndex(JAVA_LONG, 1), i));
      }
      return Collections.unmodifiableMap(map);
    }
  }

  private static String string(long array, long i) {
    return CStrings.read(
        MemorySegment.ofAddress(array)
            .reinterpret((i + 1) * JAVA_LONG.byteSize())
            .getAtIndex(JAVA_LONG, i));
  }

  /** The provider's name, such as {@code CUDAExecutionProvider}. */
  public String provider() {
    return provider;
  }

  /** Who made the provider. */
  public String providerVendor() {
    return providerVendor;
  }

  /** What the provider says of itself, such as its version. */
  public Map<String, String> providerMetadata() {
    return providerMetadata;
  }

  /** The options that the provider takes for this device by default. */
  public Map<String, String> providerOptions() {
    return providerOptions;
  }

  /** What kind of hardware it is. */
  public Type type() {
    return type;
  }

  /** Who made the hardware; empty when the system does not say. */
  public String vendor() {
    return vendor;
  }

  /** The hardware maker's PCI number; 0 when the system does not say. */
  public int vendorId() {
    return vendorId;
  }

  /** The hardware's PCI number of its kind (not of the one device); 0 when unknown. */
  public int deviceId() {
    return deviceId;
  }

  /** What the system says of the hardware. */
  public Map<String, String> metadata() {
    return metadata;
  }

  long handle(OrtEnvironment user) {
    if (user != environment) {
      throw new IllegalArgumentException(
          "The device was found by another library ("
              + environment.library()
              + ") than the session's ("
              + user.library()
              + ").");
    }
    return handle;
  }

  @Override
  public String toString() {
    return provider + " on " + type + (vendor.isEmpty() ? "" : " of " + vendor);
  }
}
