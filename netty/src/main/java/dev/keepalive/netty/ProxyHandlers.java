package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.spi.VisibleText;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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

        /** As a value of the field Proxy-Authorization (RFC 7617). */
        String basic() {
            byte[] both = (user + ':' + password).getBytes(StandardCharsets.UTF_8);
            return "Basic " + Base64.getEncoder().encodeToString(both);
        }

        @Override
        public String toString() {
            return "a user and a password";
        }
    }

    private final Map<String, Credentials> credentials;
    private final List<Function<? super String, @Nullable String>> authorizations;

    /**
     * @param credentials by the name that endpoints give
     * @param authorizations values of the field Proxy-Authorization by other names
     */
    ProxyHandlers(
            Map<String, Credentials> credentials, List<Function<? super String, @Nullable String>> authorizations) {
        this.credentials = Map.copyOf(credentials);
        this.authorizations = List.copyOf(authorizations);
    }

    /** @throws IllegalArgumentException if this connector does not support the proxy */
    void check(Endpoint proxy) {
        if (!SCHEMES.contains(proxy.scheme())) {
            throw new IllegalArgumentException(
                    "proxy " + proxy + " is not allowed: its scheme is http, https or socks5, not " + proxy.scheme());
        }
        String name = proxy.credentials();
        if (name != null
                && !credentials.containsKey(name)
                && (proxy.scheme().equals(SOCKS5) || authorization(name) == null)) {
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
        if (proxy.scheme().equals(SOCKS5)) {
            return new Socks5Handshake(proxy, next, name == null ? null : credentials.get(name), loop);
        }
        String authorization = name == null ? null : authorization(name);
        if (name != null && authorization == null) {
            throw new IllegalStateException(
                    "the credentials '" + VisibleText.of(name) + "' of proxy " + proxy + " are not known any more");
        }
        return new HttpConnectHandshake(proxy, next, authorization, loop);
    }

    /** What is sent for credentials of this name; null if there are none. */
    private @Nullable String authorization(String name) {
        Credentials known = credentials.get(name);
        if (known != null) {
            return known.basic();
        }
        for (Function<? super String, @Nullable String> each : authorizations) {
            String found = each.apply(name);
            if (found != null) {
                return checked(name, found);
            }
        }
        return null;
    }

    private static String checked(String name, String authorization) {
        if (authorization.isBlank() || !authorization.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            // Not quoted: it is a secret.
            throw new IllegalArgumentException("the proxyAuthorization of credentials '" + VisibleText.of(name)
                    + "' is not allowed: visible ASCII characters and spaces");
        }
        return authorization;
    }
}
