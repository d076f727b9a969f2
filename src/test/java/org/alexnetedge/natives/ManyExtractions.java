package org.alexnetedge.natives;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** A process that extracts the same things as others that run at once. */
final class ManyExtractions {
  static final List<String> NAMES = IntStream.range(0, 100).mapToObj("f%02d"::formatted).toList();

  private ManyExtractions() {}

  public static void main(String[] arguments) throws Exception {
    NativeCache cache = new NativeCache(Path.of(arguments[0]), System.out::println);
    String text = "content ".repeat(5000);
    NativeCache.Content content =
        new NativeCache.Content(
            "a.so", NativeCacheTest.sha256(text), () -> new ByteArrayInputStream(text.getBytes()));
    for (String name : NAMES) {
      Path made = cache.extract(name, List.of(content));
      if (!made.startsWith(arguments[0]) || !Files.readString(made.resolve("a.so")).equals(text)) {
        System.out.println("not sound: " + made);
      }
    }
  }
}
