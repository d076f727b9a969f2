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
 *     Tensor input = Tensor.ofFloats(environment, new float[] {1, 2, 3}, 1, 3);
 *     Outputs outputs = session.run(Map.of("input", input))) {
 *   float[] logits = outputs.tensor("logits").toFloatArray();
 * }
 * }</pre>
 *
 * <p>Reading order: {@link org.alexnetedge.ort.OrtLibrary} (which library, which functions), {@link
 * org.alexnetedge.ort.OrtEnvironment} (log, devices, plug-ins, shared threads), {@link
 * org.alexnetedge.ort.SessionOptions} with {@link org.alexnetedge.ort.Provider}, {@link
 * org.alexnetedge.ort.Session}, the values ({@link org.alexnetedge.ort.Tensor}, {@link
 * org.alexnetedge.ort.SequenceValue}, {@link org.alexnetedge.ort.MapValue}, {@link
 * org.alexnetedge.ort.SparseTensor}), {@link org.alexnetedge.ort.IoBinding} for runs that make
 * nothing, {@link org.alexnetedge.ort.ModelCompilation} for compiling ahead of time. Below them
 * {@code Function} (which functions, where), {@code Api} (their table), {@code Calls} (the only
 * method handles) and {@code Lifetime} (closing).
 *
 * <p><b>Ownership.</b> Whoever creates an object closes it; closing twice does nothing; use after
 * closing is an {@link java.lang.IllegalStateException}. {@code close} never waits: an object that
 * is closed during a call is released when the call ends, and one that another needs (a session's
 * binding, an initialiser of a session) when that is released. A library, its environment and its
 * plug-ins live as long as the process.
 *
 * <p><b>Memory.</b> A tensor's memory is ONNX Runtime's or the caller's ({@link
 * org.alexnetedge.ort.Tensor#wrap}); it is read in place by {@link
 * org.alexnetedge.ort.Tensor#data}. Memory of the caller's is checked at each run, and its arena
 * cannot be closed during one.
 *
 * <p><b>Threads.</b> Everything may be used by any thread. What one thread at a time must use says
 * so, and refuses a second one or lets it wait.
 *
 * <p><b>Errors.</b> What ONNX Runtime refuses is an {@link org.alexnetedge.ort.OrtException} with
 * its code and words; wrong names and arguments are {@link java.lang.IllegalArgumentException}s. A
 * function that the loaded library is too old for says which version it needs.
 */
@NullMarked
package org.alexnetedge.ort;

import org.jspecify.annotations.NullMarked;
