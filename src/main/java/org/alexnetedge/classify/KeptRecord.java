package org.alexnetedge.classify;

import java.nio.charset.StandardCharsets;
import org.alexnetedge.pipeline.InputName;

/**
 * A record that an earlier run wrote, as far as resuming needs to know it.
 *
 * @param file the input that it is of
 * @param failed whether it is an error
 */
public record KeptRecord(InputName file, boolean failed) {

  /** Whether this is the record of an input with this name. */
  boolean isOf(InputName name) {
    // Half a surrogate pair is text that UTF-8 cannot hold: it was written as '?'.
    String written =
        new String(name.text().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    return file.equals(new InputName(written, name.bytesHex()));
  }
}
