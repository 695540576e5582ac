/**
 * The state machine. It makes all decisions and performs none: it is single-threaded, without I/O, clock, lock or
 * callback. Facts come in as events, each with its time; what is to be done goes out as
 * {@link dev.keepalive.machine.Effect effects}.
 */
@NullMarked
package dev.keepalive.machine;

import org.jspecify.annotations.NullMarked;
