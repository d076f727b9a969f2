package org.alexnetedge.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.alexnetedge.image.OpenCv;
import org.alexnetedge.image.Pixels;
import org.alexnetedge.image.PngWriter;
import org.alexnetedge.natives.NativeCache;
import picocli.CommandLine.Command;

/**
 * Uses once what a short run of {@code classify} uses, so that the launcher can record its classes,
 * and the libraries are in the cache.
 */
@Command(name = "warm-up", hidden = true)
final class WarmUpCommand implements Callable<Integer> {
  @Override
  public Integer call() throws IOException {
    NativeCache cache = NativeCache.ofUser(warning -> {});
    OpenCv.load(cache, OpenCv.DEFAULT_MAX_PIXELS);
    Files.createDirectories(cache.root());
    Path folder = Files.createTempDirectory(cache.root(), ".tmp-");
    Path model = folder.resolve("model.onnx");
    Path photo = folder.resolve("photo.png");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment gray = arena.allocate(64 * 64 * 3).fill((byte) 128);
      Files.write(photo, PngWriter.encode(new Pixels(gray, 64, 64)));
      PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
      String[][] commands = {
        {"create", "-o", model.toString(), "--classes", "2", "--width", "0.02"},
        {"classify", "--model", model.toString(), photo.toString(), "-o", "/dev/null"},
      };
      int code = ExitCode.DONE;
      for (String[] command : commands) {
        code = Math.max(code, Main.run(command, nowhere, nowhere));
      }
      return code;
    } finally {
      Files.deleteIfExists(model);
      Files.deleteIfExists(photo);
      Files.deleteIfExists(folder);
    }
  }
}
