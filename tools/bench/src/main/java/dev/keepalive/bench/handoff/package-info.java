/** W3: the handoff of a connection from a releasing thread to a thread that is parked for it. */
@NullMarked
package dev.keepalive.bench.handoff;

import org.jspecify.annotations.NullMarked;
