/** W8: all connections lost at once with many waiting, and the start with nothing open, at a server that accepts at a bounded rate. */
@NullMarked
package dev.keepalive.bench.storm;

import org.jspecify.annotations.NullMarked;
