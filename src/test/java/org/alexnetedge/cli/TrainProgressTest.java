package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainProgressTest {
  private final StringWriter err = new StringWriter();

  private List<String> lines(boolean quiet, Duration silence) {
    try (TrainProgress progress =
        new TrainProgress(new PrintWriter(err, true), quiet, false, silence)) {
      progress.looked(900);
      progress.prepared(1234, 11_038);
      progress.step(3, 20, 640, 11_038);
    }
    return err.toString().lines().toList();
  }

  @Test
  void into_a_file_a_long_stage_says_how_far_it_is() {
    assertEquals(
        List.of(
            "looking  900 pictures",
            "features  1,234 of 11,038 pictures",
            "epoch 3/20  640 of 11,038 pictures"),
        lines(false, Duration.ZERO));
  }

  @Test
  void a_short_stage_says_nothing() {
    assertEquals(List.of(), lines(false, Duration.ofDays(1)));
  }

  @Test
  void who_wants_quiet_gets_it() {
    assertEquals(List.of(), lines(true, Duration.ZERO));
  }
}
