package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.alexnetedge.natives.Platform;
import org.bytedeco.javacpp.FunctionPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A process with JavaCPP's binding, which a C++ compiler made from ONNX Runtime's own header. It is
 * given a struct whose every slot is a function that only notes which slot it is; what is noted
 * when a member is called is the place which the header gives to that member.
 *
 * <p>A process of its own, since it loads the ONNX Runtime that JavaCPP's binding is linked with.
 */
final class OtherBinding {
  /** Longer than any of the structs; what no member stands for is never called. */
  private static final int SLOTS = 512;

  private static final int NONE = -1;

  private static int called = NONE;

  private OtherBinding() {}

  /**
   * The places of all members, by struct and name.
   *
   * @param folder empty; libraries are put there
   * @param structs names as in the header
   */
  static Map<String, Map<String, Integer>> places(Path folder, List<String> structs) {
    String[] arguments = new String[1 + structs.size()];
    arguments[0] = folder.toString();
    for (int i = 0; i < structs.size(); i++) {
      arguments[1 + i] = structs.get(i);
    }
    Map<String, Map<String, Integer>> places = new LinkedHashMap<>();
    for (String line : OtherLibrary.process(OtherBinding.class, arguments)) {
      String[] said = line.split(" ");
      if (said.length != 3) {
        throw new AssertionError(line);
      }
      places
          .computeIfAbsent(said[0], struct -> new TreeMap<>())
          .put(said[1], Integer.valueOf(said[2]));
    }
    return places;
  }

  public static void main(String[] arguments) throws Exception {
    loadNatives(Path.of(arguments[0]));
    MemorySegment slots = slots();
    for (String struct : Arrays.asList(arguments).subList(1, arguments.length)) {
      members(struct, slots)
          .forEach((name, place) -> System.out.println(struct + " " + name + " " + place));
    }
  }

  /** JavaCPP's own loader is switched off: it would search for oneDNN and fill a cache at home. */
  private static void loadNatives(Path folder) throws IOException {
    System.setProperty("org.bytedeco.javacpp.loadlibraries", "false");
    String platform = Platform.current() == Platform.LINUX_X86_64 ? "linux-x86_64" : "linux-arm64";
    for (String resource :
        List.of(
            "javacpp/" + platform + "/libjnijavacpp.so",
            "onnxruntime/" + platform + "/libonnxruntime.so.1",
            "onnxruntime/" + platform + "/libjnionnxruntime.so")) {
      Path file = folder.resolve(resource.substring(resource.lastIndexOf('/') + 1));
      try (InputStream in = ClassLoader.getSystemResourceAsStream("org/bytedeco/" + resource)) {
        Files.copy(in, file);
      }
      System.load(file.toString());
    }
  }

  /**
   * A function without parameters a slot: by the calling conventions of both platforms a caller may
   * pass arguments that are not looked at.
   */
  private static MemorySegment slots() throws ReflectiveOperationException {
    MethodHandle note =
        MethodHandles.lookup()
            .findStatic(OtherBinding.class, "note", MethodType.methodType(long.class, int.class));
    MemorySegment slots = Arena.global().allocate(JAVA_LONG, SLOTS);
    for (int i = 0; i < SLOTS; i++) {
      MemorySegment function =
          Linker.nativeLinker()
              .upcallStub(
                  MethodHandles.insertArguments(note, 0, i),
                  FunctionDescriptor.of(JAVA_LONG),
                  Arena.global());
      slots.setAtIndex(JAVA_LONG, i, function.address());
    }
    return slots;
  }

  /** Returns 0: no status, no pointer. */
  private static long note(int slot) {
    called = slot;
    return 0;
  }

  private static Map<String, Integer> members(String struct, MemorySegment slots)
      throws ReflectiveOperationException {
    Class<?> type = Class.forName("org.bytedeco.onnxruntime." + struct);
    Object table = type.getConstructor(Pointer.class).newInstance(new At(slots.address()));
    Map<String, Integer> places = new TreeMap<>();
    for (Method method : type.getDeclaredMethods()) {
      int modifiers = method.getModifiers();
      boolean member = Modifier.isPublic(modifiers) && Modifier.isNative(modifiers);
      // What returns the struct itself sets a member.
      if (!member || method.getReturnType() == type) {
        continue;
      }
      int place = slotCalledBy(method, table);
      Integer other = places.put(method.getName(), place);
      if (other != null && other != place) {
        throw new IllegalStateException(method + " is at " + place + " and at " + other);
      }
    }
    return places;
  }

  private static int slotCalledBy(Method method, Object table) throws ReflectiveOperationException {
    called = NONE;
    Object result = method.invoke(table, nothingFor(method));
    // Some members are not called but handed out as function pointers.
    if (result instanceof FunctionPointer function) {
      for (Method call : function.getClass().getDeclaredMethods()) {
        if (call.getName().equals("call")) {
          call.invoke(function, nothingFor(call));
        }
      }
    }
    if (called == NONE) {
      throw new IllegalStateException(method + " calls nothing");
    }
    return called;
  }

  /** For each parameter null, zero or false; for an enum any constant, since null is refused. */
  private static Object[] nothingFor(Method method) {
    return Arrays.stream(method.getParameterTypes())
        .map(
            type ->
                type.isEnum()
                    ? type.getEnumConstants()[0]
                    : Array.get(Array.newInstance(type, 1), 0))
        .toArray();
  }

  /** JavaCPP's pointer to an address. */
  private static final class At extends Pointer {
    At(long address) {
      super((Pointer) null);
      this.address = address;
    }
  }
}
