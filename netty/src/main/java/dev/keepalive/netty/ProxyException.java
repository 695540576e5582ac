package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.spi.VisibleText;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A proxy has not made the way to the next endpoint. The message names the proxy, and what it said. It is among the
 * causes of the failure of an acquire.
 */
public final class ProxyException extends IOException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String authenticate;

    ProxyException(Endpoint proxy, String what, @Nullable Throwable cause) {
        this(proxy, what, cause, 0, "");
    }

    ProxyException(Endpoint proxy, String what, @Nullable Throwable cause, int status, String authenticate) {
        super("proxy " + proxy + " " + what, cause);
        this.status = status;
        this.authenticate = authenticate;
    }

    /** The status of the answer to CONNECT (RFC 9110, section 9.3.6); 0 if there is none. */
    public int status() {
        return status;
    }

    /**
     * The value of the field {@code Proxy-Authenticate} of that answer: one challenge, or several with commas between
     * them, in one line or in several (RFC 9110, section 5.3); empty if there is none.
     */
    public String authenticate() {
        return authenticate;
    }

    /** A text of the proxy, cut at 200 characters, with control and format characters made visible. */
    static String quoted(String text) {
        return '"' + VisibleText.of(text) + '"';
    }
}
