/**
 * The state machine that decides everything and does nothing: single-threaded, without I/O, clock, lock or callback.
 * Facts come in as events, each with the time at which it happened; what is to be done goes out as
 * {@link dev.keepalive.machine.Effect effects}.
 */
@NullMarked
package dev.keepalive.machine;

import org.jspecify.annotations.NullMarked;
