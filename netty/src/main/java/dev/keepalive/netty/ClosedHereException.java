package dev.keepalive.netty;

import java.nio.channels.ClosedChannelException;

/** Told to a holder whose connection this side has closed. It has no stack: where it is made tells nothing. */
final class ClosedHereException extends ClosedChannelException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
        return "closed on this side: the lease was invalidated, or the manager closed the connection";
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
