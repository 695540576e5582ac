package dev.keepalive.netty;

import dev.keepalive.Endpoint;

/**
 * What is spoken on the connections of a connector. Its handlers are installed once per connection, and stay for as
 * long as the connection is open. {@link NettyConnectorBuilder#build(Protocol)} makes a connector that speaks it;
 * {@link RequestResponse} is one that is ready to use. One object serves all connections, so it must be safe from any
 * thread.
 *
 * @param <C> what a lease gives its holder: {@link dev.keepalive.Lease#connection}
 */
@FunctionalInterface
public interface Protocol<C> {
    /**
     * Adds the handlers of this protocol to a new connection, and makes its session. Called once per connection, on its
     * event loop, within the dial: after proxies and TLS, before the setup. Must not block. If it throws, the dial
     * fails.
     *
     * <p>The first handler that decodes must be a {@link io.netty.handler.codec.ByteToMessageDecoder} of its own, or
     * must keep no bytes from one read to the next; and each must advance the reader index over what it has read. Only
     * then is it known that nothing is left in it when a lease ends. A combined codec, such as {@code HttpClientCodec},
     * hides its decoder: after an answer that came in several pieces its connection is closed, not kept. Add the
     * decoder and the encoder as two handlers instead. No handler may have an executor of its own: then the dial fails.
     *
     * @return the session; never null. A {@link SharedSession} if several leases share the connection
     *     ({@link ProtocolContext#share}), which the protocol may decide by what TLS has negotiated
     */
    Session<C> install(ProtocolContext context) throws Exception;

    /**
     * How many leases a connection to this endpoint is expected to take, before one has been opened: one dial is then
     * enough for so many waiters. Once a connection is open, the manager goes by what that one takes. Less than 1
     * counts as 1, more than 100 as 100. By default, 1. Called on the thread that acquires; must be cheap.
     */
    default int expectedLeases(Endpoint endpoint) {
        return 1;
    }
}
