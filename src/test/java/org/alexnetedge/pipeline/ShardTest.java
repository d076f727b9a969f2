package org.alexnetedge.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ShardTest {

  @Test
  void shards_divide_camera_names_evenly_and_without_rest() {
    int[] sizes = new int[7];
    for (int i = 0; i < 7_000; i++) {
      byte[] name = "100CANON/IMG_%04d.JPG".formatted(i).getBytes(StandardCharsets.US_ASCII);
      int[] owners = IntStream.rangeClosed(1, 7).filter(s -> new Shard(s, 7).has(name)).toArray();
      assertEquals(1, owners.length);
      sizes[owners[0] - 1]++;
    }
    for (int size : sizes) {
      assertTrue(size > 900 && size < 1100, "of 1000: " + size);
    }
  }

  /** By sha256sum: 509b0d4641a7c3ba and 2bbce981606248da begin the hashes of these names. */
  @Test
  void a_name_belongs_to_the_shard_that_sha_256_says() {
    assertEquals(Shard.parse("1/1"), Shard.WHOLE);
    assertEquals(ownerByHand("509b0d4641a7c3ba"), owner("a.jpg"));
    assertEquals(ownerByHand("2bbce981606248da"), owner("ö/b.jpg"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0/3", "4/3", "1/0", "a/b", "1", "1/", "-1/3", "1/99999999999", ""})
  void what_is_no_shard_is_refused_with_a_sentence(String text) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Shard.parse(text)).getMessage();
    assertTrue(message.contains("I/N"), message);
  }

  private static int owner(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return IntStream.rangeClosed(1, 10).filter(s -> new Shard(s, 10).has(bytes)).sum();
  }

  private static int ownerByHand(String firstBytes) {
    return (int) Long.remainderUnsigned(Long.parseUnsignedLong(firstBytes, 16), 10) + 1;
  }
}
