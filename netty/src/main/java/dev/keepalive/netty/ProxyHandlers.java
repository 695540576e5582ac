package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the Netty handlers for proxies: HTTP CONNECT (RFC 9110, section 9.3.6) and SOCKS5 (RFC 1928), with or without
 * user and password (RFC 7617, RFC 1929). The proxy looks names up. Safe from any thread.
 */
final class ProxyHandlers {
    private static final String SOCKS5 = "socks5";
    private static final Set<String> SCHEMES = Set.of("http", TlsSettings.HTTPS, SOCKS5);

    /** A user and a password. */
    record Credentials(String user, String password) {
        private static final int MAX_BYTES = 255;

        /** @throws IllegalArgumentException if HTTP or SOCKS5 cannot carry them */
        Credentials {
            if (user.isEmpty() || user.indexOf(':') >= 0 || !isSendable(user)) {
                throw new IllegalArgumentException("user '" + user
                        + "' is not allowed: 1 to 255 bytes in UTF-8, without a colon and control characters");
            }
            if (!isSendable(password)) {
                throw new IllegalArgumentException("the password of '" + user
                        + "' is not allowed: at most 255 bytes in UTF-8, without control characters");
            }
        }

        private static boolean isSendable(String text) {
            return text.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES
                    && text.chars().noneMatch(Character::isISOControl);
        }

        @Override
        public String toString() {
            return "a user and a password";
        }
    }

    private final Map<String, Credentials> credentials;

    /** @param credentials by the name that endpoints give */
    ProxyHandlers(Map<String, Credentials> credentials) {
        this.credentials = Map.copyOf(credentials);
    }

    /** @throws IllegalArgumentException if this connector does not support the proxy */
    void check(Endpoint proxy) {
        if (!SCHEMES.contains(proxy.scheme())) {
            throw new IllegalArgumentException(
                    "proxy " + proxy + " is not allowed: its scheme is http, https or socks5, not " + proxy.scheme());
        }
        String name = proxy.credentials();
        if (name != null && !credentials.containsKey(name)) {
            throw new IllegalArgumentException("credentials '" + name + "' of proxy " + proxy
                    + " are not allowed: this connector knows "
                    + (credentials.isEmpty() ? "none" : credentials.keySet())
                    + "; name them with builder().credentials(\"" + name + "\", user, password)");
        }
    }

    /**
     * A new handler that asks the proxy for a tunnel to the address that the pipeline is told to connect to.
     *
     * @param address the address of the proxy
     */
    ProxyHandler handler(Endpoint proxy, SocketAddress address) {
        String name = proxy.credentials();
        ProxyHandler handler = handler(proxy.scheme(), address, name == null ? null : credentials.get(name));
        // The manager stops a dial that takes too long, this step included.
        handler.setConnectTimeoutMillis(0);
        return handler;
    }

    private static ProxyHandler handler(String scheme, SocketAddress address, @Nullable Credentials known) {
        if (scheme.equals(SOCKS5)) {
            return known == null
                    ? new Socks5ProxyHandler(address)
                    : new Socks5ProxyHandler(address, known.user(), known.password());
        }
        return known == null
                ? new HttpProxyHandler(address)
                : new HttpProxyHandler(address, known.user(), known.password());
    }

    /** The address that a proxy is asked for: unresolved if the endpoint has a host name. */
    SocketAddress addressOf(Endpoint next) {
        if (TlsSettings.isAddress(next.host())) {
            try {
                return new InetSocketAddress(InetAddress.getByName(next.host()), next.port());
            } catch (UnknownHostException e) {
                throw new IllegalStateException("not a numeric address: " + next.host(), e);
            }
        }
        return InetSocketAddress.createUnresolved(next.host(), next.port());
    }
}
