/**
 * Encoded pictures in, network inputs out: decoding, upright RGB pixels, the resize and crop that
 * models were trained with, normalisation. The only package that touches OpenCV; depends on {@code
 * natives} and Gson.
 *
 * <p>Reading order: {@link org.alexnetedge.image.Recipe} (what is to be done), {@link
 * org.alexnetedge.image.Preprocessor} (doing it), {@link org.alexnetedge.image.Decoder} and {@link
 * org.alexnetedge.image.Format} (bytes to pixels), {@link org.alexnetedge.image.Resampler} (pixels
 * to a crop), {@link org.alexnetedge.image.BoxResizer} (any box of them), {@link
 * org.alexnetedge.image.Normalization} (bytes to numbers), {@link org.alexnetedge.image.OpenCv}
 * (loading the libraries, before anything else is used).
 */
@NullMarked
package org.alexnetedge.image;

import org.jspecify.annotations.NullMarked;
