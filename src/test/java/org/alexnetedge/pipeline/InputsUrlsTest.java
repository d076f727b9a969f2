package org.alexnetedge.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Downloads from servers on this machine, good and bad ones. */
@Timeout(20)
final class InputsUrlsTest {
  private static final InputOptions QUICK =
      Found.OPTIONS
          .withLimits(1 << 20, 100_000)
          .withTimeouts(Duration.ofMillis(500), Duration.ofMillis(700));

  /** For what is to succeed on a busy machine. */
  private static final InputOptions PATIENT =
      QUICK.withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(10));

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger requests = new AtomicInteger();
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<ServerSocket> rawServers = new ArrayList<>();
  private HttpServer server;
  private String root;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
    root = "http://localhost:" + server.getAddress().getPort();
  }

  @AfterEach
  void stop() throws IOException {
    for (ServerSocket listening : rawServers) {
      listening.close();
    }
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void a_url_is_read_in_its_place() {
    serve("/a.jpg", exchange -> answer(exchange, 200, "picture"));
    serve("/%C3%B6%20.jpg", exchange -> answer(exchange, 200, "umlaut"));
    assertEquals(
        List.of("no.jpg! not-found", root + "/a.jpg: picture", root + "/ö%20.jpg: umlaut"),
        Found.by(PATIENT, "no.jpg", root + "/a.jpg", root + "/ö%20.jpg").records());
  }

  @Test
  void nothing_is_asked_of_a_server_before_the_url_is_read() {
    serve("/a.jpg", exchange -> answer(exchange, 200, "picture"));
    try (Inputs inputs = new Inputs(List.of(Argument.parse(root + "/a.jpg")), QUICK)) {
      assertEquals(root + "/a.jpg", inputs.next().name().text());
      assertEquals(null, inputs.next());
    }
    assertEquals(0, requests.get());
  }

  @Test
  void any_status_but_200_is_an_error_that_names_it() {
    serve("/gone", exchange -> answer(exchange, 404, "no such picture"));
    serve("/part", exchange -> answer(exchange, 206, "part"));
    assertEquals("http The server answered with HTTP status 404.", error(root + "/gone"));
    assertEquals("http The server answered with HTTP status 206.", error(root + "/part"));
    assertEquals("http The server answered with HTTP status 404.", error(root + "/other"));
  }

  @Test
  void the_body_of_an_error_is_not_waited_for() {
    serve(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(500, 0);
          endless(exchange.getResponseBody());
        });
    long start = System.nanoTime();
    assertEquals("http The server answered with HTTP status 500.", error(root + "/a"));
    assertTrue(System.nanoTime() - start < 600_000_000L);
  }

  @Test
  void redirects_are_followed_five_times() {
    for (int i = 0; i < 7; i++) {
      String next = i % 2 == 0 ? "/r" + (i + 1) : root + "/r" + (i + 1);
      serve("/r" + i, exchange -> redirect(exchange, 301 + (requests.get() & 1), next));
    }
    serve("/r7", exchange -> answer(exchange, 200, "end"));
    assertEquals(List.of(root + "/r2: end"), Found.by(PATIENT, root + "/r2").records());
    assertEquals("http The server redirects more than 5 times.", error(root + "/r1"));
  }

  @Test
  void a_redirect_in_a_circle_ends() {
    serve("/", exchange -> redirect(exchange, 308, "/again"));
    assertEquals("http The server redirects more than 5 times.", error(root + "/"));
    assertEquals(6, requests.get());
  }

  @Test
  void redirects_lead_to_http_or_https_only_and_never_down() throws Exception {
    serve("/file", exchange -> redirect(exchange, 302, "file:///etc/passwd"));
    serve("/none", exchange -> answer(exchange, 302, ""));
    serve("/bad", exchange -> redirect(exchange, 302, "http://[x"));
    String neither = "http The server redirects to something that is neither http nor https.";
    assertEquals(neither, error(root + "/file"));
    assertEquals(neither, error(root + "/none"));
    assertEquals("http The server redirects to something that is not a URL.", error(root + "/bad"));

    URI plain = URI.create("http://a.example/x/y");
    URI secure = URI.create("https://a.example/x/y");
    assertEquals("https://b.example/", Downloads.redirect(plain, "https://b.example/") + "");
    assertEquals("https://a.example/x/z", Downloads.redirect(secure, "z") + "");
    assertThrows(InputException.class, () -> Downloads.redirect(secure, "http://a.example/"));
  }

  @Test
  void a_server_that_does_not_answer_ends_in_time() {
    serve("/", exchange -> await());
    assertEquals("http The download was not complete after 0.7 s.", error(root + "/a.jpg"));
  }

  @Test
  void a_body_that_stops_in_the_middle_ends_in_time_and_the_buffer_serves_on() {
    serve(
        "/slow",
        exchange -> {
          exchange.sendResponseHeaders(200, 1000);
          exchange.getResponseBody().write(new byte[10]);
          exchange.getResponseBody().flush();
          await();
        });
    serve("/a.jpg", exchange -> answer(exchange, 200, "picture"));
    assertEquals(
        List.of(root + "/slow! http", root + "/a.jpg: picture"),
        Found.by(QUICK, root + "/slow", root + "/a.jpg").records());
  }

  @Test
  void a_body_that_drips_ends_in_time() {
    serve(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream body = exchange.getResponseBody()) {
            while (over.getCount() > 0) {
              body.write(1);
              body.flush();
              Thread.sleep(20);
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    assertEquals("http The download was not complete after 0.7 s.", error(root + "/a.jpg"));
  }

  @Test
  void an_announced_size_over_the_limit_is_refused_at_once() {
    serve(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 100_001);
          exchange.getResponseBody().flush();
          await();
        });
    assertEquals(
        "too-large The download has 100,001 bytes; at most 100,000 are read.",
        error(root + "/a.jpg"));
  }

  @Test
  void a_body_without_end_is_cut_at_the_limit() {
    serve(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 0); // chunked: no size announced
          endless(exchange.getResponseBody());
        });
    assertEquals(
        "too-large The download has more than 100,000 bytes, which is the most that is read.",
        error(root + "/a.jpg"));
  }

  @Test
  void a_body_of_exactly_the_limit_is_read() {
    serve("/", exchange -> answer(exchange, 200, "x".repeat(100_000)));
    assertEquals(
        List.of(root + "/: " + "x".repeat(100_000)), Found.by(PATIENT, root + "/").records());
  }

  @Test
  void a_connection_that_is_cut_is_an_error() throws Exception {
    String cut = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf a picture";
    assertStarts("http The download broke off: ", error(raw(cut)));
    assertStarts("http The download broke off: ", error(raw("")));
    assertStarts("http The download broke off: ", error(raw("this is not HTTP\r\n\r\n")));
    String nonsense = "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\npicture";
    assertStarts("http ", error(raw(nonsense)));
    String chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf ";
    assertStarts("http The download broke off: ", error(raw(chunks)));
  }

  @Test
  void a_body_longer_than_announced_ends_where_it_was_announced() throws Exception {
    String url = raw("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour and more");
    assertEquals(List.of(url + ": four"), Found.by(PATIENT, url).records());
  }

  @Test
  void what_is_no_server_or_no_url_is_a_sentence() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    assertEquals(
        "http The server refused the connection.",
        error(PATIENT, "http://localhost:" + free + "/a.jpg"));
    assertEquals(
        "http The name of the server is not known.", error(PATIENT, "http://no.invalid/a.jpg"));
    assertStarts("http It is not a valid URL: ", error(PATIENT, root + "/a b.jpg"));
    assertStarts("http It is not a valid URL: ", error(PATIENT, "http://"));
    assertStarts("http It is not a valid URL: ", error(PATIENT, "http:///a.jpg"));
    String plain = raw("HTTP/1.1 400 Bad Request\r\n\r\n");
    assertStarts(
        "http There is no secure connection: ", error(PATIENT, plain.replace("http:", "https:")));
  }

  @Test
  void many_threads_may_download_at_once_and_closing_ends_them() throws Exception {
    serve("/a.jpg", exchange -> answer(exchange, 200, "picture"));
    serve("/wait", exchange -> await());
    Inputs inputs =
        new Inputs(
            List.of(Argument.parse(root + "/a.jpg"), Argument.parse(root + "/wait")), PATIENT);
    Input quick = inputs.next();
    Input waiting = inputs.next();
    try (ExecutorService readers = Executors.newFixedThreadPool(4)) {
      var contents =
          readers.invokeAll(
              Collections.nCopies(
                  20,
                  () -> {
                    try (EncodedPicture picture = new EncodedPicture()) {
                      quick.read(picture);
                      return Found.content(picture);
                    }
                  }));
      for (var content : contents) {
        assertEquals("picture", content.get());
      }
      var last = readers.submit(() -> error(waiting));
      while (requests.get() < 21) {
        Thread.sleep(5);
      }
      inputs.close();
      assertStarts("http The download broke off", last.get());
      assertStarts("http ", error(quick));
    }
  }

  @Test
  void an_answer_that_comes_too_late_does_not_touch_the_buffer() {
    EncodedPicture picture = new EncodedPicture();
    BoundedBody body = new BoundedBody(picture, 1000);
    body.abandon();
    picture.close(); // so that touching it would be an exception
    body.accept(new Answer(200, HttpHeaders.of(Map.of("Content-Length", List.of("5")), ANY)));
    body.onNext(List.of(ByteBuffer.wrap(new byte[5])));
    body.onComplete();
    assertTrue(body.getBody().toCompletableFuture().isDone());
  }

  private static final BiPredicate<String, String> ANY = (_, _) -> true;

  private record Answer(int statusCode, HttpHeaders headers) implements HttpResponse.ResponseInfo {
    @Override
    public HttpClient.Version version() {
      return HttpClient.Version.HTTP_1_1;
    }
  }

  private static void assertStarts(String expected, String text) {
    assertTrue(text.startsWith(expected), text);
  }

  private static String error(String url) {
    return error(QUICK, url);
  }

  private static String error(InputOptions options, String url) {
    try (Inputs inputs = new Inputs(List.of(Argument.parse(url)), options)) {
      return error(inputs.next());
    }
  }

  /** Kind and message. */
  private static String error(Input input) {
    try (EncodedPicture picture = new EncodedPicture()) {
      InputException e = assertThrows(InputException.class, () -> input.read(picture));
      return e.kind().code() + " " + e.getMessage();
    }
  }

  private void serve(String path, HttpHandler handler) {
    server.createContext(
        URI.create(path).getPath(),
        exchange -> {
          requests.incrementAndGet();
          try (exchange) {
            handler.handle(exchange);
          }
        });
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static void redirect(HttpExchange exchange, int status, String to) throws IOException {
    exchange.getResponseHeaders().set("Location", to);
    answer(exchange, status, "moved");
  }

  private static void endless(OutputStream body) throws IOException {
    byte[] piece = new byte[8192];
    while (true) {
      body.write(piece); // until the client cuts the connection
    }
  }

  private void await() {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A server that answers every connection with these bytes, and closes it. */
  private String raw(String answer) throws IOException {
    ServerSocket listening = new ServerSocket(0, 9, InetAddress.getLoopbackAddress());
    rawServers.add(listening);
    threads.submit(
        () -> {
          while (true) {
            try (Socket socket = listening.accept()) {
              socket.getInputStream().read(new byte[4096]);
              socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
            }
          }
        });
    return "http://localhost:" + listening.getLocalPort() + "/x";
  }
}
