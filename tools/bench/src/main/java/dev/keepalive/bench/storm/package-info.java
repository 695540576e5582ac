/**
 * W8: all connections lost at once with many waiters, and the start without connections. The server accepts at a
 * bounded rate.
 */
@NullMarked
package dev.keepalive.bench.storm;

import org.jspecify.annotations.NullMarked;
