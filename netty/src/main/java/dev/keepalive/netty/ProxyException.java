package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A proxy has not made the way to the next endpoint. The message names the proxy, and what it said. */
final class ProxyException extends IOException {
    private static final long serialVersionUID = 1;
    private static final int MAX_QUOTED = 200;

    ProxyException(Endpoint proxy, String what, @Nullable Throwable cause) {
        super("proxy " + proxy + " " + what, cause);
    }

    /** A text of the proxy, cut at 200 characters, with everything but printable ASCII made visible. */
    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        int length = Math.min(text.length(), MAX_QUOTED);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            quoted.append(c >= ' ' && c <= '~' ? String.valueOf(c) : String.format("\\x%02x", (int) c));
        }
        return quoted.append(length < text.length() ? "…\"" : "\"").toString();
    }
}
