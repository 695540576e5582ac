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
 * How one speaks to proxies: HTTP CONNECT (RFC 9110, section 9.3.6) and SOCKS5 (RFC 1928), with user and password or
 * without (RFC 7617, RFC 1929). Names are looked up at the proxy. Safe from any thread.
 */
final class ProxyHandlers {
    private static final String SOCKS5 = "socks5";
    private static final Set<String> SCHEMES = Set.of("http", TlsSettings.HTTPS, SOCKS5);

    /** A user and his password. */
    record Credentials(String user, String password) {
        private static final int MAX_BYTES = 255;

        /** @throws IllegalArgumentException if neither kind of proxy could be told */
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

    /** @param credentials by the name under which endpoints ask for them */
    ProxyHandlers(Map<String, Credentials> credentials) {
        this.credentials = Map.copyOf(credentials);
    }

    /** @throws IllegalArgumentException if this is no proxy that can be spoken to */
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
     * The handler that has this proxy, at this address, make a tunnel to whatever the pipeline is told to connect to.
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

    /** What a proxy is asked for: a name as it is, an address as one. */
    SocketAddress addressOf(Endpoint next) {
        if (TlsSettings.isAddress(next.host())) {
            try {
                return new InetSocketAddress(InetAddress.getByName(next.host()), next.port());
            } catch (UnknownHostException e) {
                throw new IllegalStateException("an address that is none: " + next.host(), e);
            }
        }
        return InetSocketAddress.createUnresolved(next.host(), next.port());
    }
}
