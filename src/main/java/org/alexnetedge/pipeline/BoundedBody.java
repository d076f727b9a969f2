package org.alexnetedge.pipeline;

import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/**
 * Puts the body of an answer into a buffer, while it comes, up to a limit, and no longer than
 * somebody waits for it. The bodies of answers other than 200 are not read.
 *
 * <p>The HTTP client's threads call this; the lock is held while the buffer is written, so that
 * after {@link #abandon} the buffer belongs to its reader again.
 */
final class BoundedBody implements BodySubscriber<Void> {
  private final EncodedPicture picture;
  private final long limit;
  private final CompletableFuture<Void> complete = new CompletableFuture<>();

  private @Nullable Subscription subscription;
  private @Nullable InputException refused;
  private boolean abandoned;

  BoundedBody(EncodedPicture picture, long limit) {
    this.picture = picture;
    this.limit = limit;
  }

  /** As a {@link java.net.http.HttpResponse.BodyHandler}. */
  BodySubscriber<Void> accept(ResponseInfo info) {
    synchronized (this) {
      if (info.statusCode() != 200) {
        abandoned = true;
        return this;
      }
    }
    // It may lie in both directions; what comes is counted, and the client notices what does not.
    long announced = info.headers().firstValueAsLong("Content-Length").orElse(0);
    if (announced > limit) {
      refuse(tooLarge(announced));
    } else if (announced > 0) {
      reserve(announced);
    }
    return this;
  }

  /** Why the body was not taken, if that was this object's decision. */
  synchronized @Nullable InputException refused() {
    return refused;
  }

  /** Nothing is written into the buffer after this returns. */
  synchronized void abandon() {
    abandoned = true;
    if (subscription != null) {
      subscription.cancel();
    }
  }

  @Override
  public CompletionStage<Void> getBody() {
    return complete;
  }

  @Override
  public synchronized void onSubscribe(Subscription given) {
    subscription = given;
    if (abandoned) {
      given.cancel();
      end();
    } else {
      given.request(Long.MAX_VALUE); // each piece is copied at once, so there is no queue
    }
  }

  @Override
  public synchronized void onNext(List<ByteBuffer> pieces) {
    for (ByteBuffer piece : pieces) {
      int count = piece.remaining();
      if (abandoned || !hasRoom(count)) {
        return;
      }
      picture.room().put(piece);
      picture.added(count);
    }
  }

  @Override
  public void onError(Throwable failure) {
    complete.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    end();
  }

  private boolean hasRoom(int count) {
    if (picture.size() + count > limit) {
      refuse(tooLarge(-1));
      return false;
    }
    return reserve(count);
  }

  private boolean reserve(long count) {
    try {
      picture.reserve(count);
      return true;
    } catch (InputException e) {
      refuse(e);
      return false;
    }
  }

  private synchronized void refuse(InputException reason) {
    refused = reason;
    abandon();
    end();
  }

  private void end() {
    InputException reason = refused();
    if (reason == null) {
      complete.complete(null);
    } else {
      complete.completeExceptionally(reason);
    }
  }

  private InputException tooLarge(long announced) {
    return new InputException(
        ErrorKind.TOO_LARGE,
        announced < 0
            ? "The download has more than %,d bytes, which is the most that is read."
                .formatted(limit)
            : "The download has %,d bytes; at most %,d are read.".formatted(announced, limit));
  }
}
