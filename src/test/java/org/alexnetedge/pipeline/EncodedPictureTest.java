package org.alexnetedge.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EncodedPictureTest {
  private final EncodedPicture picture = new EncodedPicture();
  @TempDir private Path folder;

  @Test
  void the_memory_is_used_again() throws Exception {
    read(file(200_000));
    long address = picture.bytes().address();
    for (int size : new int[] {1, 0, 150_000, 200_000}) {
      read(file(size));
      assertEquals(size, picture.size());
      assertEquals(size, picture.bytes().byteSize());
      assertEquals(address, picture.bytes().address());
    }
  }

  @Test
  void every_byte_is_the_files() throws Exception {
    Path file = file(3_000_001);
    read(file);
    assertEquals(-1, picture.bytes().mismatch(MemorySegment.ofArray(Files.readAllBytes(file))));
    assertTrue(picture.bytes().isReadOnly());
  }

  @Test
  void a_huge_picture_does_not_stay_in_memory() throws Exception {
    Path huge = folder.resolve("huge.jpg");
    try (RandomAccessFile sparse = new RandomAccessFile(huge.toFile(), "rw")) {
      sparse.setLength(100 << 20);
    }
    read(huge);
    MemorySegment view = picture.bytes();
    read(file(10));
    assertFalse(view.scope().isAlive());
    assertEquals(10, picture.size());
  }

  @Test
  void another_thread_may_take_over() throws Exception {
    read(file(10));
    CompletableFuture.runAsync(
            () -> {
              try {
                read(file(500_000));
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            })
        .get();
    assertEquals(500_000, picture.size());
    picture.close();
  }

  @Test
  void use_after_close_is_an_exception_and_closing_twice_is_nothing() throws Exception {
    Path file = file(10);
    read(file);
    MemorySegment view = picture.bytes();
    picture.close();
    picture.close();
    assertThrows(IllegalStateException.class, () -> view.get(ValueLayout.JAVA_BYTE, 0));
    assertThrows(IllegalStateException.class, picture::bytes);
    assertThrows(IllegalStateException.class, picture::size);
    assertThrows(IllegalStateException.class, () -> read(file));
  }

  @Test
  void a_file_over_the_limit_is_too_large_and_one_at_it_is_read() throws Exception {
    read(new FileInput(InputName.of("x"), file(1000), 1000));
    InputException e =
        assertThrows(
            InputException.class, () -> read(new FileInput(InputName.of("x"), file(1001), 1000)));
    assertEquals(ErrorKind.TOO_LARGE, e.kind());
    assertEquals("The file has 1,001 bytes; at most 1,000 are read.", e.getMessage());
  }

  @Test
  void a_file_whose_size_says_nothing_is_read_to_its_end() throws Exception {
    read(new FileInput(InputName.of("x"), Path.of("/proc/self/status"), 1 << 20)); // its size is 0
    assertTrue(Found.content(picture).startsWith("Name:"));
    InputException e =
        assertThrows(
            InputException.class,
            () -> read(new FileInput(InputName.of("x"), Path.of("/proc/self/status"), 100)));
    assertEquals(ErrorKind.TOO_LARGE, e.kind());
  }

  @Test
  void a_file_that_grows_and_shrinks_while_it_is_read_breaks_nothing() throws Exception {
    Path file = file(1 << 20);
    AtomicBoolean done = new AtomicBoolean();
    Thread writer =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
                    while (!done.get()) {
                      channel.truncate(1000);
                      channel.position(3 << 20).write(ByteBuffer.wrap(new byte[1]));
                    }
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                });
    for (int i = 0; i < 500; i++) {
      read(file);
      assertTrue(picture.size() >= 1000 && picture.size() <= (3 << 20) + 1);
    }
    done.set(true);
    writer.join();
  }

  private void read(Path file) throws InputException {
    read(new FileInput(InputName.of("x"), file, 1 << 30));
  }

  private void read(FileInput input) throws InputException {
    input.read(picture);
  }

  private Path file(int size) throws IOException {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return Files.write(folder.resolve(size + ".jpg"), bytes);
  }
}
