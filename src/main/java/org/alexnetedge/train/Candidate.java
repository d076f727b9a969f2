package org.alexnetedge.train;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import org.alexnetedge.pipeline.Input;
import org.alexnetedge.pipeline.RawText;
import org.jspecify.annotations.Nullable;

/**
 * A picture that was found, readable or not.
 *
 * @param path its bytes, as found
 * @param root what of the path stands for the data as a whole: the folder that was given
 * @param split what a table says of it
 */
record Candidate(Input input, byte[] path, String root, String label, @Nullable String split) {

  /** By the bytes of the path. */
  static final Comparator<Candidate> BY_PATH =
      Comparator.comparing(Candidate::path, Arrays::compareUnsigned);

  static Candidate of(Input input, String root, String label, @Nullable String split) {
    String hex = input.name().bytesHex();
    byte[] path = hex == null ? RawText.encode(input.name().text()) : HexFormat.of().parseHex(hex);
    return new Candidate(input, path, root, label, split);
  }

  /** A number that depends on the seed and on the picture's path within the data. */
  long ticket(long seed) {
    byte[] prefix = RawText.encode(root);
    boolean inside =
        path.length > prefix.length
            && Arrays.equals(path, 0, prefix.length, prefix, 0, prefix.length);
    byte[] name = inside ? Arrays.copyOfRange(path, prefix.length, path.length) : path;
    long hash = ByteBuffer.wrap(PictureCheck.newDigest().digest(name)).getLong();
    return new Draws(seed, Draws.Purpose.SPLIT, 0, hash).bits();
  }
}
