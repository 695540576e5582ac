package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Which schemes mean TLS, with what settings. Every other scheme is free text, for a connection in the clear; except those by which everybody
 * understands something else: to take them for that would send in the clear what was meant to be secret. Safe from any thread.
 */
final class TlsSchemes {
    static final String HTTPS = "https";

    private static final int CLOSE_NOTIFY_MILLIS = 1000;

    private static final Set<String> MEAN_TLS = Set.of(
            "wss", "rediss", "smtps", "imaps", "pop3s", "ldaps", "nntps", "ircs", "amqps", "mqtts", "ftps", "sips");
    private static final Set<String> MEAN_ANOTHER_TRANSPORT = Set.of("unix", "udp", "coaps");

    private final Map<String, SslContext> contexts;
    private final boolean verifyHosts;
    private @Nullable SslContext defaultContext;

    /** @param contexts by scheme; {@code https} may be left out and has the JDK's defaults then */
    TlsSchemes(Map<String, SslContext> contexts, boolean verifyHosts) {
        this.contexts = new HashMap<>(contexts);
        this.verifyHosts = verifyHosts;
    }

    /** @throws IllegalArgumentException if TLS over TCP is not what this scheme can mean */
    static void checkMayMeanTls(String scheme) {
        if (MEAN_ANOTHER_TRANSPORT.contains(scheme)) {
            throw new IllegalArgumentException("scheme '" + scheme
                    + "' is not allowed: it is not TLS over TCP, which is all that this connector can give");
        }
    }

    /** @throws IllegalArgumentException if a connection in the clear is not what this scheme can mean */
    void check(String scheme) {
        checkMayMeanTls(scheme);
        if (MEAN_TLS.contains(scheme) && !contexts.containsKey(scheme)) {
            throw new IllegalArgumentException("scheme '" + scheme
                    + "' is not allowed: it means TLS, and this connector would open it in the clear; name it with builder().tls(\""
                    + scheme
                    + "\", sslContext), or use https or a scheme that means no TLS");
        }
    }

    /**
     * The settings for this scheme, or null if it means no TLS. The first time it may have to read the system's certificates.
     *
     * @throws SSLException if the JDK's default settings cannot be had
     */
    @Nullable
    SslContext contextOf(String scheme) throws SSLException {
        SslContext context = contexts.get(scheme);
        return context == null && scheme.equals(HTTPS) ? defaultContext() : context;
    }

    /** The handler that shakes hands with this endpoint, and verifies that it is the one that was meant. */
    SslHandler newHandler(SslContext context, Endpoint endpoint, ByteBufAllocator allocator) {
        String host = withoutFinalDot(endpoint.host());
        SslHandler handler = context.newHandler(allocator, host, endpoint.port());
        SSLParameters parameters = handler.engine().getSSLParameters();
        // Null would leave what the context says; the empty string means none.
        parameters.setEndpointIdentificationAlgorithm(verifyHosts ? "HTTPS" : "");
        if (!isAddress(host)) {
            parameters.setServerNames(serverNames(host));
        }
        handler.engine().setSSLParameters(parameters);
        // The manager stops a dial that takes too long, this step included.
        handler.setHandshakeTimeoutMillis(0);
        // So long a peer that does not read can delay the end of its connection.
        handler.setCloseNotifyFlushTimeoutMillis(CLOSE_NOTIFY_MILLIS);
        return handler;
    }

    static boolean isAddress(String host) {
        return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
    }

    private synchronized SslContext defaultContext() throws SSLException {
        SslContext context = defaultContext;
        if (context == null) {
            context = SslContextBuilder.forClient().build();
            defaultContext = context;
        }
        return context;
    }

    /** The JDK sends only names with a dot in them by itself. It sends none with an underscore, which no host name has by the rules. */
    private static List<SNIServerName> serverNames(String host) {
        try {
            return List.of(new SNIHostName(host));
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    private static String withoutFinalDot(String host) {
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }
}
