package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * What a command line did in this process. Records on standard output go past it, so those tests
 * name a file with -o.
 */
record Invocation(int exitCode, String out, String err) {

  static Invocation of(Object... arguments) {
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Main.run(words, new PrintWriter(out, true), new PrintWriter(err, true));
    return new Invocation(exitCode, out.toString(), err.toString());
  }

  /** One that has to end with this code. */
  static Invocation run(int code, Object... words) {
    Invocation run = of(words);
    assertEquals(code, run.exitCode(), run.err());
    return run;
  }

  /** Diagnostics have to contain these. */
  static void assertSays(Invocation run, String... parts) {
    for (String part : parts) {
      assertTrue(run.err().contains(part), "'" + part + "' is not in: " + run.err());
    }
  }
}
