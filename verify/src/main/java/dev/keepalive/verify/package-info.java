/** The programs behind {@code verify/replay} and {@code verify/growth}. */
@NullMarked
package dev.keepalive.verify;

import org.jspecify.annotations.NullMarked;
