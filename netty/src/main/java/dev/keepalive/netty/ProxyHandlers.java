package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.spi.VisibleText;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

/**
 * Makes the handlers that ask proxies: HTTP CONNECT and SOCKS5, with or without user and password. The proxy looks
 * names up. Safe from any thread.
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
                // Not quoted: what follows a colon is likely to be the password.
                throw new IllegalArgumentException(
                        "the user is not allowed: 1 to 255 bytes in UTF-8, without a colon and control characters");
            }
            if (!isSendable(password)) {
                throw new IllegalArgumentException(
                        "the password is not allowed: at most 255 bytes in UTF-8, without control characters");
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
            String shown = VisibleText.of(name);
            throw new IllegalArgumentException("credentials '" + shown + "' of proxy " + proxy
                    + " are not allowed: this connector knows "
                    + (credentials.isEmpty() ? "none" : credentials.keySet())
                    + "; name them with builder().credentials(\"" + shown + "\", user, password)");
        }
    }

    /** A new handler that asks the proxy for the way to the next endpoint. */
    ProxyHandshake handler(Endpoint proxy, Endpoint next, EventLoop loop) {
        String name = proxy.credentials();
        Credentials known = name == null ? null : credentials.get(name);
        return proxy.scheme().equals(SOCKS5)
                ? new Socks5Handshake(proxy, next, known, loop)
                : new HttpConnectHandshake(proxy, next, known, loop);
    }
}
