/**
 * What the jobs share: inputs are found and read, decoded and gathered into batches.
 *
 * <p>Reading order: {@link org.alexnetedge.pipeline.InputName}, {@link
 * org.alexnetedge.pipeline.InputException} (each input gives one record, a result or an error).
 */
@NullMarked
package org.alexnetedge.pipeline;

import org.jspecify.annotations.NullMarked;
