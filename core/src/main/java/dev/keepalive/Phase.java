package dev.keepalive;

import java.util.Locale;

/** A step between asking for a connection and getting it. The seed's {@code function}. */
public enum Phase {
    /** Waiting in line. */
    QUEUE,
    /** Waiting for a permit of the {@link Budget}. */
    PERMIT,
    /** Looking the host name up. */
    RESOLVE,
    /** Connecting to one of the host's addresses. */
    CONNECT,
    /** Having proxies make the way to the host, and shaking hands with them for TLS. */
    PROXY,
    /** Shaking hands for TLS, host verification included. */
    TLS,
    /** Making the connection ready, as {@link ManagerBuilder#setup} says. */
    SETUP;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The phase's name as messages print it: lower case. */
    @Override
    public String toString() {
        return text;
    }
}
