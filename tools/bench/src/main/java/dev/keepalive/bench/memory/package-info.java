/** W6: what an idle connection and an endpoint take of the heap. */
@NullMarked
package dev.keepalive.bench.memory;

import org.jspecify.annotations.NullMarked;
