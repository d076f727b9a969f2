package org.alexnetedge.natives;

/** An operating system and processor that native libraries are carried for. */
public enum Platform {
  /** 64-bit Intel and AMD. */
  LINUX_X86_64("linux-x86_64", 62),
  /** 64-bit ARM: Jetson, Raspberry Pi, servers. */
  LINUX_AARCH64("linux-aarch64", 183);

  private final String id;
  private final int elfMachine;

  Platform(String id, int elfMachine) {
    this.id = id;
    this.elfMachine = elfMachine;
  }

  /** Name in file and folder names, for instance {@code linux-x86_64}. */
  public String id() {
    return id;
  }

  /** The {@code e_machine} field of this platform's ELF files (elf.h: EM_X86_64, EM_AARCH64). */
  int elfMachine() {
    return elfMachine;
  }

  /**
   * The platform of this process.
   *
   * @throws NativeLibraryException when nothing is carried for it
   */
  public static Platform current() {
    String os = System.getProperty("os.name");
    String arch = System.getProperty("os.arch");
    if (os.equals("Linux")) {
      switch (arch) {
        case "amd64", "x86_64" -> {
          return LINUX_X86_64;
        }
        case "aarch64", "arm64" -> {
          return LINUX_AARCH64;
        }
        default -> {}
      }
    }
    throw new NativeLibraryException(
        "No native libraries are carried for "
            + os
            + " on "
            + arch
            + "; only Linux on x86_64 and aarch64 is supported.");
  }
}
