package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A connection as its dial sees it, whatever is spoken on it. Event loop only, except where stated. */
interface DialedLink {
    /** Makes the connection of a dial. */
    @FunctionalInterface
    interface Factory {
        /** @param tls the TLS handler to put at the front of the pipeline, or null for a connection in the clear */
        DialedLink create(DuplexChannel channel, EventLoop loop, Endpoint endpoint, @Nullable SslHandler tls);
    }

    DuplexChannel channel();

    /** Adds the permanent handlers. The dial begins. */
    void fillPipeline();

    /**
     * All handshakes of the dial are done. This calls the TLS engine, which is foreign code.
     *
     * @throws SSLException if the certificate of the peer is not of the endpoint's name
     */
    void handshakesDone() throws SSLException;

    /**
     * Adds the handlers of a protocol, if there is one.
     *
     * @throws Exception if the protocol refuses the connection: then the dial fails
     */
    default void install() throws Exception {}

    /** Announces the connection: the dial has succeeded. */
    void open();

    /** Closes the connection. Safe from any thread. */
    void close();

    /** Why the connection has ended, if that is known. */
    @Nullable
    Throwable cause();
}
