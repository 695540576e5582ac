package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.spi.VisibleText;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** The option {@code bindAddress} as text. */
final class BindAddress {
    private BindAddress() {}

    /** @throws IllegalArgumentException if the text is not a numeric address */
    static InetAddress parse(String text) {
        try {
            // The grammar of a host, so that an address has one meaning everywhere.
            String host = Endpoint.of("bind", text, 1).host();
            if (TlsSettings.isAddress(host)) {
                return InetAddress.getByName(host);
            }
        } catch (IllegalArgumentException | UnknownHostException e) {
            throw notAnAddress(text, e);
        }
        throw notAnAddress(text, null);
    }

    private static IllegalArgumentException notAnAddress(String text, @Nullable Exception cause) {
        return new IllegalArgumentException(
                "bindAddress '" + VisibleText.of(text) + "' is not allowed: a numeric IPv4 or IPv6 address", cause);
    }
}
