package dev.keepalive.http;

/**
 * Is told what comes of the exchanges of a client. Called on the client's executor, or on the thread of a blocking
 * call; must be safe from any thread, and should be fast. What it throws is ignored.
 */
public interface HttpExchangeListener {
    /**
     * An exchange has ended: its response is complete, or it has failed, or it was cancelled. Not called if a request
     * was refused before it was tried.
     */
    default void exchangeEnded(HttpExchangeReport report) {}
}
