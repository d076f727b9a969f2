package org.alexnetedge.image;

/**
 * The part of a resized picture that is wanted.
 *
 * @param resizedWidth size of the whole picture after the resize
 * @param left first column of it that is kept
 */
record Window(int resizedWidth, int resizedHeight, int left, int top, int width, int height) {}
