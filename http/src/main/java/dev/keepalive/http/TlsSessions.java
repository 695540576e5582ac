package dev.keepalive.http;

import dev.keepalive.netty.ProtocolContext;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslHandler;
import java.util.Map;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Finds the TLS session of a connection. */
final class TlsSessions {
    private TlsSessions() {}

    /**
     * The session with the endpoint, not with a proxy; null in the clear. Programs get it, and cannot change it, since
     * others use the connection, too. Only within {@code Protocol.install}.
     */
    static @Nullable SSLSession of(ProtocolContext context) {
        SSLSession innermost = null;
        if (context.endpoint().tls()) {
            for (Map.Entry<String, ChannelHandler> each : context.pipeline()) {
                if (each.getValue() instanceof SslHandler tls) {
                    innermost = tls.engine().getSession();
                }
            }
        }
        return innermost == null ? null : new ReadOnlySession(innermost);
    }
}
