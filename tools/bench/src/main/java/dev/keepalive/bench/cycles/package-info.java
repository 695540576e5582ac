/** A cycle is an acquire and a release: what it costs with one endpoint and with many, with one thread and with two. */
@NullMarked
package dev.keepalive.bench.cycles;

import org.jspecify.annotations.NullMarked;
