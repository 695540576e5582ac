package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.spi.VisibleText;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A proxy has not made the way to the next endpoint. The message names the proxy, and what it said. */
final class ProxyException extends IOException {
    private static final long serialVersionUID = 1;

    ProxyException(Endpoint proxy, String what, @Nullable Throwable cause) {
        super("proxy " + proxy + " " + what, cause);
    }

    /** A text of the proxy, cut at 200 characters, with control and format characters made visible. */
    static String quoted(String text) {
        return '"' + VisibleText.of(text) + '"';
    }
}
