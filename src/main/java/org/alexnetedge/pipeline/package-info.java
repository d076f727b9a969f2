/**
 * What the jobs share: inputs are found and read, decoded and gathered into batches.
 *
 * <p>Reading order: {@link org.alexnetedge.pipeline.InputName}, {@link
 * org.alexnetedge.pipeline.InputException} (each input gives one record, a result or an error);
 * {@link org.alexnetedge.pipeline.RawText} and {@link org.alexnetedge.pipeline.RawPath} (names are
 * bytes); {@link org.alexnetedge.pipeline.Argument}, {@link org.alexnetedge.pipeline.Inputs},
 * {@code FolderWalk} (what is found, in which order); {@link org.alexnetedge.pipeline.Input},
 * {@link org.alexnetedge.pipeline.EncodedPicture} (how it is read), {@code Downloads} (how from a
 * URL).
 */
@NullMarked
package org.alexnetedge.pipeline;

import org.jspecify.annotations.NullMarked;
