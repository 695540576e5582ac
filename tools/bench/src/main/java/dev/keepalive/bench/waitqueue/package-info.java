/**
 * W5: long wait queues. Measures the time to serve and queue a waiter and to withdraw one, and the bytes of a waiter.
 */
@NullMarked
package dev.keepalive.bench.waitqueue;

import org.jspecify.annotations.NullMarked;
