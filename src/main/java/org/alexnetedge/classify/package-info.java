/**
 * Classifying inputs and saying what was found: one record an input, in input order.
 *
 * <p>Reading order: {@link org.alexnetedge.classify.Scores} (a model's outputs become scores),
 * {@link org.alexnetedge.classify.TopK} (scores become predictions), {@link
 * org.alexnetedge.classify.ClassifyRecord} (what is known of one input), {@link
 * org.alexnetedge.classify.RecordWriter} (its text: {@link org.alexnetedge.classify.JsonLines},
 * {@link org.alexnetedge.classify.CsvRows}, {@link org.alexnetedge.classify.TableRows}), {@link
 * org.alexnetedge.classify.RecordOutput} (where it goes: {@link
 * org.alexnetedge.classify.StreamOutput}, or {@link org.alexnetedge.classify.OutputFile}, which can
 * be resumed), {@link org.alexnetedge.classify.KeptRecords} (what a resumed file holds).
 */
@NullMarked
package org.alexnetedge.classify;

import org.jspecify.annotations.NullMarked;
