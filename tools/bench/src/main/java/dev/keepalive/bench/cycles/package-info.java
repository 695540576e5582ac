/** W1, W2 and W4: the cost of a cycle, an acquire and its release, with one and many endpoints, one and two threads. */
@NullMarked
package dev.keepalive.bench.cycles;

import org.jspecify.annotations.NullMarked;
