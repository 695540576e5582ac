package dev.keepalive.netty;

/**
 * The last word of a {@link Session} on a connection that this side closes although it works. It is said once at most,
 * and the close waits for nothing. Event loop only, except where stated.
 */
final class Farewell {
    private final ProtocolLink<?> link;

    /** It was said; or the protocol closes the connection by itself, and has said before what it has to say. */
    private volatile boolean over;

    Farewell(ProtocolLink<?> link) {
        this.link = link;
    }

    /** The protocol closes the connection. Safe from any thread. */
    void closedByProtocol() {
        over = true;
    }

    /** The channel is about to be closed: lets the session write, if the peer can still make sense of it. */
    void say(ProtocolGate gate) {
        if (over || !link.isInstalled()) {
            return;
        }
        over = true;
        boolean works = link.cause() == null
                && !link.streamEnd().hasEnded()
                && link.isIntact()
                && (link.isShared() || link.isAtBoundary());
        if (works && gate.letFarewellPass()) {
            try {
                link.session().closing();
            } catch (Throwable thrown) {
                link.streamEnd().recordCause(thrown);
            }
        }
    }
}
