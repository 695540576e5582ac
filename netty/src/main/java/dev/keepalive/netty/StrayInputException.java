package dev.keepalive.netty;

import java.io.IOException;

/** The peer has sent something that no lease had asked for, so the connection was closed. */
final class StrayInputException extends IOException {
    private static final long serialVersionUID = 1;

    /** @param behindAnswer whether it came right behind the answer to the lease before */
    StrayInputException(boolean behindAnswer) {
        super("the peer sent something that nothing had asked for"
                + (behindAnswer ? ", right behind the answer to the lease before" : ""));
    }
}
