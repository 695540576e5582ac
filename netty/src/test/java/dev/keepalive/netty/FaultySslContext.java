package dev.keepalive.netty;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;

/** TLS settings whose engines the test replaces: by an exception, or by faulty engines. */
final class FaultySslContext extends SslContext {
    private final SslContext context;
    private final UnaryOperator<SSLEngine> change;

    FaultySslContext(SslContext context, UnaryOperator<SSLEngine> change) {
        this.context = context;
        this.change = change;
    }

    /** Settings whose engines ignore application protocols that are set later, as those of OpenSSL do. */
    static FaultySslContext withoutAlpn(SslContext context) {
        return new FaultySslContext(context, EngineWithoutAlpn::new);
    }

    /** Settings that cannot be used, since a class is missing. */
    static FaultySslContext withMissingClasses(SslContext context) {
        return new FaultySslContext(context, engine -> {
            throw new NoClassDefFoundError("com/example/Provider");
        });
    }

    /** Settings whose engines throw when they are asked for the negotiated protocol. */
    static FaultySslContext withFailingProtocolQuery(SslContext context) {
        return new FaultySslContext(context, engine -> new EngineWithoutAlpn(engine) {
            @Override
            public String getApplicationProtocol() {
                throw new IllegalStateException("the engine does not know the protocol");
            }
        });
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator) {
        return change.apply(context.newEngine(allocator));
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator, String host, int port) {
        return change.apply(context.newEngine(allocator, host, port));
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
    @SuppressWarnings("deprecation") // the method is deprecated, but abstract
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return context.applicationProtocolNegotiator();
    }

    @Override
    public SSLSessionContext sessionContext() {
        return context.sessionContext();
    }
}
