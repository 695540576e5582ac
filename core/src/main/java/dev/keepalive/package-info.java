/**
 * The public API: a {@link dev.keepalive.ConnectionManager} hands out {@link dev.keepalive.Lease leases} of connections
 * to {@link dev.keepalive.Endpoint endpoints}. What is not public here is the concurrent shell around the state
 * machine.
 */
@NullMarked
package dev.keepalive;

import org.jspecify.annotations.NullMarked;
