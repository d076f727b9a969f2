package org.alexnetedge.cli;

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
}
