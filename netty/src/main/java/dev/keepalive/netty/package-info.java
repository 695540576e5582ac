/**
 * Connections over TCP and TLS, on Netty: {@link dev.keepalive.netty.NettyConnector} opens and watches them, and the
 * holder of a lease uses a {@link dev.keepalive.netty.NettyConnection}. The types that are not public are the parts of
 * a dial and of a pipeline.
 */
@NullMarked
package dev.keepalive.netty;

import org.jspecify.annotations.NullMarked;
