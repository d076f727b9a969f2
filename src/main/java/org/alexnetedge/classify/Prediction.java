package org.alexnetedge.classify;

import org.jspecify.annotations.Nullable;

/**
 * One class that an input may show.
 *
 * @param index the class's index, from 0
 * @param label the class's name, null when it is not known
 * @param score a probability for softmax and sigmoid models
 */
public record Prediction(int index, @Nullable String label, float score) {}
