package org.alexnetedge.train;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.alexnetedge.artifacts.NewHead;

/**
 * Which features are wanted: of which pictures, by which model.
 *
 * @param frozen file of the part of a model that computes them, see {@link NewHead#frozen}; without
 *     external data
 * @param input what it takes
 * @param samples the pictures
 * @param firstView 0 for the picture as {@code classify} sees it; the views after that are
 *     augmented
 * @param views how many views of each picture, from the first on
 * @param augmentation of the further views; mixes no pictures
 * @param seed of the augmentation
 */
public record FeatureRequest(
    Path frozen,
    PictureInput input,
    List<Sample> samples,
    int firstView,
    int views,
    Augmentation augmentation,
    long seed) {

  /** Of the key, and of how features are computed. */
  private static final int VERSION = 1;

  public FeatureRequest {
    samples = List.copyOf(samples);
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("Features need at least one picture.");
    }
    if (views < 1) {
      throw new IllegalArgumentException("--views must be 1 or more, got " + views + ".");
    }
    if (firstView + views > 1 && augmentation.mixes()) {
      throw new IllegalArgumentException(
          "mixup and cutmix mix pictures anew in each epoch, which features that are computed once"
              + " cannot show; leave them out, or train more than the head (--train).");
    }
  }

  /** Each picture once, as {@code classify} looks at it. */
  public static FeatureRequest plain(Path frozen, PictureInput input, List<Sample> samples) {
    return new FeatureRequest(frozen, input, samples, 0, 1, Augmentation.NONE, 0);
  }

  private boolean isAugmented() {
    return firstView + views > 1;
  }

  /** Number of classes among the samples, 2 at least. */
  int classes() {
    return Math.max(2, samples.stream().mapToInt(Sample::label).max().orElse(0) + 1);
  }

  /**
   * All that decides the features, as JSON: features with an equal key are equal.
   *
   * @throws IOException when the model cannot be read
   */
  String key() throws IOException {
    JsonObject key = new JsonObject();
    key.addProperty("version", VERSION);
    key.addProperty("model", HexFormat.of().formatHex(hash(frozen)));
    MessageDigest list = sha256();
    for (Sample sample : samples) {
      list.update((sample.sha256() + " " + sample.label() + "\n").getBytes(StandardCharsets.UTF_8));
    }
    key.addProperty("pictures", samples.size());
    key.addProperty("data", HexFormat.of().formatHex(list.digest()));
    key.add("recipe", new Gson().toJsonTree(input.recipe()));
    key.addProperty("height", input.height());
    key.addProperty("width", input.width());
    key.add("decode", new Gson().toJsonTree(input.decode()));
    key.addProperty("views", views);
    if (isAugmented()) {
      key.addProperty("first_view", firstView);
      key.add("augmentation", new Gson().toJsonTree(augmentation));
      key.addProperty("seed", seed);
    }
    return key + "\n";
  }

  private static byte[] hash(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      byte[] buffer = new byte[1 << 16];
      while (in.read(buffer) >= 0) {
        // Only the digest is wanted.
      }
    }
    return digest.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // Every Java platform has it.
    }
  }
}
