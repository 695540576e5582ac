package dev.keepalive;

import java.util.Locale;

/** A step between an acquire and its lease. */
public enum Phase {
    /** Waiting in the endpoint's wait queue. */
    QUEUE,
    /** Waiting for a permit of the {@link Budget}. */
    PERMIT,
    /** Looking up the host name. */
    RESOLVE,
    /** Connecting to one of the host's addresses. */
    CONNECT,
    /** Asking proxies for the way to the host, TLS handshakes with the proxies included. */
    PROXY,
    /** The TLS handshake with the host, host verification included. */
    TLS,
    /** Preparing the connection by {@link ManagerBuilder#setup}. */
    SETUP;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The phase's name as messages print it: lower case. */
    @Override
    public String toString() {
        return text;
    }
}
