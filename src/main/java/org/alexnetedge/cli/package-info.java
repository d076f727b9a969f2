/**
 * The command line: one class for each command, which parses, calls a job, prints, and sets the
 * exit code. May use every other package; no other package may use picocli.
 *
 * <p>Reading order: {@link org.alexnetedge.cli.Main}, {@code ClassifyCommand}, and the options that
 * commands share: {@code DeviceOptions}, {@code RecipeOptions}, {@code DecodingOptions}.
 */
@NullMarked
package org.alexnetedge.cli;

import org.jspecify.annotations.NullMarked;
