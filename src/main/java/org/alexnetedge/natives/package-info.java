/**
 * Extracting, finding and opening native libraries. Uses the JDK only and knows nothing of what the
 * libraries are for.
 *
 * <p>Reading order: {@link org.alexnetedge.natives.Platform}, {@link
 * org.alexnetedge.natives.NativeBundle} (what to extract), {@link
 * org.alexnetedge.natives.NativeCache} (where to), {@link org.alexnetedge.natives.NativeLibrary}
 * (opening it).
 */
@NullMarked
package org.alexnetedge.natives;

import org.jspecify.annotations.NullMarked;
