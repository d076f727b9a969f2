package org.alexnetedge.train;

import org.alexnetedge.pipeline.ErrorKind;
import org.alexnetedge.pipeline.InputName;

/**
 * A picture that cannot be learnt from.
 *
 * @param label of its class
 * @param message a sentence without the file's name
 */
public record LeftOut(InputName file, String label, ErrorKind kind, String message) {}
