/**
 * Connections over TCP and TLS, on Netty: {@link dev.keepalive.netty.NettyConnector} opens and watches them,
 * {@link dev.keepalive.netty.NettyConnection} is what the holder of a lease uses. What is not public here are the
 * pieces of a dial and of a pipeline.
 */
@NullMarked
package dev.keepalive.netty;

import org.jspecify.annotations.NullMarked;
