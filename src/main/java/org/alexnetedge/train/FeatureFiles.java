package org.alexnetedge.train;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.weights.Npy;
import org.alexnetedge.weights.WeightsException;

/**
 * Features in a folder, so that they are computed once:
 *
 * <pre>
 * NAME.npy          float32 [N,V,F]
 * NAME.labels.npy   int64 [N]
 * NAME.json         what they were made of; written last, so without it there are none
 * </pre>
 *
 * <p>Each file is put in place by a rename when it is whole. Features that were being computed when
 * the process was killed are lost, and computed again.
 *
 * @param folder made when it is not there
 */
public record FeatureFiles(Path folder) {

  /**
   * The features, from the folder when it has them, else computed and written to it.
   *
   * @param name of the files, such as {@code training}
   * @param progress as for {@link FeatureExtraction#compute}; not told when they are there already
   * @throws DataException when a picture cannot be used, or the files cannot be written
   * @throws InterruptedException when the thread is interrupted
   */
  public Features get(
      String name, FeatureRequest request, FeatureExtraction extraction, IntConsumer progress)
      throws DataException, InterruptedException {
    try {
      String key = request.key();
      Optional<Features> kept = find(name, key, request);
      if (kept.isPresent()) {
        return kept.get();
      }
      Files.createDirectories(folder);
      Features computed = extraction.compute(request, progress);
      write(name, key, computed, request);
      return computed;
    } catch (IOException | WeightsException e) {
      throw new DataException(
          "The features of pictures cannot be kept in " + folder + ": " + e.getMessage(), e);
    }
  }

  private Optional<Features> find(String name, String key, FeatureRequest request)
      throws IOException {
    Path known = folder.resolve(name + ".json");
    if (!Files.exists(known) || !Files.readString(known).equals(key)) {
      return Optional.empty();
    }
    try {
      Features features = new Features(Npy.read(folder.resolve(name + ".npy")));
      return Optional.of(features).filter(found -> found.isOf(request));
    } catch (WeightsException | IllegalArgumentException e) {
      return Optional.empty(); // Damaged since: they are computed again.
    }
  }

  private void write(String name, String key, Features features, FeatureRequest request)
      throws IOException {
    Path known = folder.resolve(name + ".json");
    Files.deleteIfExists(known); // It spoke of what is replaced now.
    replace(name + ".npy", file -> Npy.write(file, features.values()));
    long[] labels = request.samples().stream().mapToLong(Sample::label).toArray();
    Tensor tensor = Tensor.ofLongs(new long[] {labels.length}, labels);
    replace(name + ".labels.npy", file -> Npy.write(file, tensor));
    replace(name + ".json", file -> Files.writeString(file, key));
  }

  private interface Content {
    void write(Path file) throws IOException;
  }

  private void replace(String name, Content content) throws IOException {
    Path temporary = folder.resolve("." + name + ".tmp");
    try {
      content.write(temporary);
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(
          temporary,
          folder.resolve(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
