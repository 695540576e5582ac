package dev.keepalive.netty;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A request got no answer, because its connection ended or the answer took too long. */
public final class RequestException extends IOException {
    private static final long serialVersionUID = 1;

    /** Whether nothing was sent. */
    private final boolean unsent;

    RequestException(String message, boolean unsent, @Nullable Throwable cause) {
        super(message + (unsent ? "; nothing was sent" : "; the request may have been sent"), cause);
        this.unsent = unsent;
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
     * True if nothing of the request has left this program: then it is safe to send it again on another connection. If
     * false, the peer may have received it, and may have acted on it.
     */
    public boolean isUnsent() {
        return unsent;
    }
}
