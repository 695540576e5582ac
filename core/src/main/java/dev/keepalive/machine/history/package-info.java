/**
 * The file format of a machine's history: how the events that a machine is told are written and read. The machine does
 * not know it: it calls a {@link dev.keepalive.machine.History}.
 */
@NullMarked
package dev.keepalive.machine.history;

import org.jspecify.annotations.NullMarked;
