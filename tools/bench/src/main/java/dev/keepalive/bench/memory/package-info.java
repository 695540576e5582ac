/** W6: the bytes of an idle connection and of an endpoint on the heap. */
@NullMarked
package dev.keepalive.bench.memory;

import org.jspecify.annotations.NullMarked;
