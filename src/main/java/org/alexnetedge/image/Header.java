package org.alexnetedge.image;

import org.jspecify.annotations.Nullable;

/**
 * What can be known of a picture without decoding it.
 *
 * @param width stored, before the orientation is applied
 * @param height likewise
 * @param orientation EXIF orientation 1 to 8 that is still to be applied
 * @param missing a sentence on what is missing of the file, null when it is all there
 */
record Header(int width, int height, int orientation, @Nullable String missing) {}
