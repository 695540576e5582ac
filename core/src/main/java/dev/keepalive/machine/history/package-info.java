/**
 * The file format of a machine's history: how the events that a machine is told are written, and how they are read
 * again. The machine knows nothing of it; it calls a {@link dev.keepalive.machine.Journal}.
 */
@NullMarked
package dev.keepalive.machine.history;

import org.jspecify.annotations.NullMarked;
