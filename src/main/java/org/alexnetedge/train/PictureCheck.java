package org.alexnetedge.train;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.image.DecodeOptions;
import org.alexnetedge.image.Decoder;
import org.alexnetedge.image.ImageException;
import org.alexnetedge.pipeline.EncodedPicture;
import org.alexnetedge.pipeline.ErrorKind;
import org.alexnetedge.pipeline.Input;
import org.alexnetedge.pipeline.InputException;
import org.jspecify.annotations.Nullable;

/**
 * What came of reading a picture.
 *
 * @param sha256 of the file, null when it cannot be used
 * @param failure why it cannot be used, else null
 */
record PictureCheck(@Nullable String sha256, @Nullable InputException failure) {

  /** Reads inputs on several threads; the result is in their order. */
  private static final class Pass {
    final List<Input> inputs;
    final PictureCheck[] results;
    final AtomicInteger next = new AtomicInteger();
    final IntConsumer progress;
    private int done; // guarded by this

    Pass(List<Input> inputs, IntConsumer progress) {
      this.inputs = inputs;
      this.results = new PictureCheck[inputs.size()];
      this.progress = progress;
    }

    synchronized void finished() {
      progress.accept(++done);
    }
  }

  /**
   * Reads and decodes pictures.
   *
   * @param decode null to read the bytes only
   * @param progress told how many are done, by any thread, one at a time
   */
  static List<PictureCheck> of(
      List<Input> inputs, @Nullable DecodeOptions decode, int threads, IntConsumer progress)
      throws DataException {
    Pass pass = new Pass(inputs, progress);
    List<Callable<?>> work = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      work.add(
          () -> {
            run(pass, decode);
            return null;
          });
    }
    try (ExecutorService pool = Threads.pool(threads, "check")) {
      Threads.runAll(pool, work);
    }
    return List.of(pass.results);
  }

  private static void run(Pass pass, @Nullable DecodeOptions decode) {
    try (EncodedPicture encoded = new EncodedPicture();
        Decoder decoder = decode == null ? null : new Decoder(decode)) {
      MessageDigest digest = newDigest();
      for (int i = pass.next.getAndIncrement();
          i < pass.results.length;
          i = pass.next.getAndIncrement()) {
        pass.results[i] = one(pass.inputs.get(i), encoded, decoder, digest);
        pass.finished();
      }
    }
  }

  private static PictureCheck one(
      Input input, EncodedPicture encoded, @Nullable Decoder decoder, MessageDigest digest) {
    try {
      input.read(encoded);
      if (decoder != null) {
        decoder.decode(encoded.bytes());
      }
      digest.update(encoded.bytes().asByteBuffer());
      return new PictureCheck(HexFormat.of().formatHex(digest.digest()), null);
    } catch (InputException e) {
      return new PictureCheck(null, e);
    } catch (ImageException e) {
      return new PictureCheck(null, new InputException(ErrorKind.of(e.kind()), e.getMessage()));
    }
  }

  static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every JDK has SHA-256.", e);
    }
  }
}
