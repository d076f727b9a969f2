/**
 * A binding to ONNX Runtime's C API by Java's Foreign Function and Memory API. Knows nothing of
 * images or of any one model; needs the JDK and {@link org.alexnetedge.natives} only.
 *
 * <p>A first program:
 *
 * <pre>{@code
 * OrtLibrary library = OrtLibrary.carried(NativeCache.ofUser(System.err::println));
 * OrtEnvironment environment = library.environment(LogLevel.WARNING, System.err::println);
 * try (Session session = Session.open(environment, Path.of("model.onnx"), SessionOptions.DEFAULT);
 *     Tensor input = Tensor.allocate(environment, ElementType.FLOAT, 1, 3, 224, 224);
 *     Outputs outputs = session.run(Map.of("input", input))) {
 *   float[] logits = outputs.tensor("logits").toFloatArray();
 * }
 * }</pre>
 *
 * <p>Reading order: {@link org.alexnetedge.ort.OrtLibrary} (which library, which functions), {@link
 * org.alexnetedge.ort.OrtEnvironment}, {@link org.alexnetedge.ort.SessionOptions} with {@link
 * org.alexnetedge.ort.Provider}, {@link org.alexnetedge.ort.Session}, {@link
 * org.alexnetedge.ort.Tensor}, {@link org.alexnetedge.ort.IoBinding}. Below them {@code Api} (the
 * function table), {@code Calls} (the only method handles) and {@code Lifetime} (closing).
 *
 * <p><b>Ownership.</b> Whoever creates an object closes it; closing twice does nothing; use after
 * closing is an {@link java.lang.IllegalStateException}. {@code close} never waits: an object that
 * is closed during a call is released when the call ends. A library and its environment live as
 * long as the process.
 */
@NullMarked
package org.alexnetedge.ort;

import org.jspecify.annotations.NullMarked;
