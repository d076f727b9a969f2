package org.alexnetedge.pipeline;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Downloads pictures that the user named by URL; no connection is made, and no client exists,
 * before the first. Time, size and redirects are bounded, whatever the server does. Any thread may
 * read.
 */
final class Downloads implements AutoCloseable {
  private static final int MOST_REDIRECTS = 5;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  private final InputOptions options;
  private @Nullable HttpClient client;
  private boolean closed;

  Downloads(InputOptions options) {
    this.options = options;
  }

  /** Fetches into {@code picture}, which must be empty. */
  void read(String url, EncodedPicture picture) throws InputException {
    URI uri = parse(url);
    HttpClient http = client(); // to make it takes a while, which is no server's fault
    long deadline = System.nanoTime() + options.urlTimeout().toNanos();
    for (int redirects = 0; ; redirects++) {
      HttpResponse<Void> response = fetch(http, uri, picture, deadline);
      int status = response.statusCode();
      if (status == 200) {
        return;
      } else if (!REDIRECTS.contains(status)) {
        throw failure("The server answered with HTTP status %d.".formatted(status));
      } else if (redirects == MOST_REDIRECTS) {
        throw failure("The server redirects more than %d times.".formatted(MOST_REDIRECTS));
      }
      uri = redirect(uri, response.headers().firstValue("Location").orElse(""));
    }
  }

  private HttpResponse<Void> fetch(HttpClient http, URI uri, EncodedPicture picture, long deadline)
      throws InputException {
    BoundedBody body = new BoundedBody(picture, options.urlLimit());
    CompletableFuture<HttpResponse<Void>> response;
    try {
      HttpRequest request =
          HttpRequest.newBuilder(uri).setHeader("User-Agent", "alexnet-edge").build();
      response = http.sendAsync(request, body::accept);
    } catch (IllegalArgumentException e) { // no host, for example
      throw failure("It is not a valid URL: %s.".formatted(e.getMessage()));
    }
    try {
      return response.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      InputException refused = body.refused();
      throw refused != null ? refused : explain(e.getCause());
    } catch (TimeoutException e) {
      throw failure(
          "The download was not complete after %s s."
              .formatted(options.urlTimeout().toMillis() / 1000.0));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure("The download was interrupted.");
    } finally {
      body.abandon(); // nothing may write into the buffer from now on
      response.cancel(true);
    }
  }

  /** Where a redirect leads: to http or https, and never from https down to http. */
  static URI redirect(URI from, String location) throws InputException {
    URI to;
    try {
      to = from.resolve(new URI(location));
    } catch (URISyntaxException e) {
      throw failure("The server redirects to something that is not a URL.");
    }
    String scheme = to.getScheme().toLowerCase(Locale.ROOT);
    if (location.isEmpty() || !scheme.equals("http") && !scheme.equals("https")) {
      throw failure("The server redirects to something that is neither http nor https.");
    }
    if (scheme.equals("http") && from.getScheme().equalsIgnoreCase("https")) {
      throw failure("The server redirects from https to http, which is not followed.");
    }
    return to;
  }

  private static URI parse(String url) throws InputException {
    try {
      return URI.create(new URI(url).toASCIIString());
    } catch (URISyntaxException e) {
      throw failure(
          "It is not a valid URL: %s at position %d; other characters are written as %%XX."
              .formatted(e.getReason(), e.getIndex()));
    }
  }

  private InputException explain(Throwable cause) {
    return switch (cause) {
      case HttpConnectTimeoutException _ ->
          failure(
              "There was no connection after %s s."
                  .formatted(options.connectTimeout().toMillis() / 1000.0));
      case ConnectException e when hasCause(e, UnresolvedAddressException.class) ->
          failure("The name of the server is not known.");
      case ConnectException _ -> failure("The server refused the connection.");
      case SSLException _ -> failure("There is no secure connection: %s.".formatted(reason(cause)));
      case IOException _ -> failure("The download broke off: %s.".formatted(reason(cause)));
      default -> failure("The download failed: %s.".formatted(cause));
    };
  }

  private static String reason(Throwable cause) {
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  private static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
    Throwable cause = failure.getCause();
    return cause != null && (type.isInstance(cause) || hasCause(cause, type));
  }

  private static InputException failure(String message) {
    return new InputException(ErrorKind.HTTP, message);
  }

  private synchronized HttpClient client() throws InputException {
    if (closed) {
      throw failure("The download was not begun: the run is ending.");
    }
    HttpClient existing = client;
    if (existing == null) {
      existing =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .connectTimeout(options.connectTimeout())
              .followRedirects(HttpClient.Redirect.NEVER) // they are judged here, one by one
              .build();
      client = existing;
    }
    return existing;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (client != null) {
      client.shutdownNow();
    }
  }
}
