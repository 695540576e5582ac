/**
 * The public API. A {@link dev.keepalive.ConnectionManager} gives {@link dev.keepalive.Lease leases} of connections to
 * {@link dev.keepalive.Endpoint endpoints}.
 */
@NullMarked
package dev.keepalive;

import org.jspecify.annotations.NullMarked;
