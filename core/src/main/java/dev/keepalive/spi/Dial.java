package dev.keepalive.spi;

/** The handle of one attempt to open a connection. */
@FunctionalInterface
public interface Dial {
    /**
     * Asks the connector to stop the dial. The connector must still answer exactly once: with {@link LinkEvents#failed}
     * when its descriptors are closed, or with {@link LinkEvents#opened} if the stop came too late. May be called from
     * any thread at any time; should not block. After the answer, or when called again, it does nothing.
     */
    void stop();
}
