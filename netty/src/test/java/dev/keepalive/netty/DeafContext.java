package dev.keepalive.netty;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;

/** TLS settings whose engines ignore what they are told about protocols, as those of OpenSSL do. */
final class DeafContext extends SslContext {
    private final SslContext context;

    DeafContext(SslContext context) {
        this.context = context;
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator) {
        return new DeafEngine(context.newEngine(allocator));
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator, String host, int port) {
        return new DeafEngine(context.newEngine(allocator, host, port));
    }

    @Override
    public boolean isClient() {
        return context.isClient();
    }

    @Override
    public List<String> cipherSuites() {
        return context.cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // abstract all the same
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return context.applicationProtocolNegotiator();
    }

    @Override
    public SSLSessionContext sessionContext() {
        return context.sessionContext();
    }
}
