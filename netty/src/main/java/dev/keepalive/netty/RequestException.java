package dev.keepalive.netty;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A request got no answer: its connection or its lease ended, the peer refused it, or the answer took too long. */
public final class RequestException extends IOException {
    private static final long serialVersionUID = 1;

    /** Whether the peer has not acted on it. */
    private final boolean unsent;

    RequestException(String message, boolean unsent, @Nullable Throwable cause) {
        this(message, unsent ? "; nothing was sent" : "; the request may have been sent", unsent, cause);
    }

    private RequestException(String message, String sent, boolean unsent, @Nullable Throwable cause) {
        super(message + sent, cause);
        this.unsent = unsent;
    }

    /**
     * The failure of a request of which nothing was sent, for a {@link Session} of your own: it is safe to send it
     * again.
     */
    public static RequestException unsent(String message, @Nullable Throwable cause) {
        return new RequestException(message, true, cause);
    }

    /**
     * The failure of a request that may have been sent, but that the peer says it has not acted on and never will. For
     * example, HTTP/2 says so by the last stream identifier of GOAWAY, and by REFUSED_STREAM. It is safe to send it
     * again.
     */
    public static RequestException notProcessed(String message, @Nullable Throwable cause) {
        return new RequestException(message, "; the peer has not processed it", true, cause);
    }

    /** The failure of a request that the peer may have acted on, for a {@link Session} of your own. */
    public static RequestException maybeSent(String message, @Nullable Throwable cause) {
        return new RequestException(message, false, cause);
    }

    /** The same failure, with the stack of the calling thread. */
    RequestException again() {
        return new RequestException(this);
    }

    private RequestException(RequestException first) {
        super(first.getMessage(), first);
        this.unsent = first.unsent;
    }

    /**
     * True if nothing of the request has left this program, or the peer has said that it has not processed it: then it
     * is safe to send it again on another connection. If false, the peer may have received it, and may have acted on
     * it.
     */
    public boolean isUnsent() {
        return unsent;
    }
}
