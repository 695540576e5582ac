package dev.keepalive.spi;

/** One attempt to open a connection. */
@FunctionalInterface
public interface Dial {
    /**
     * Asks the connector to give up. The dial is still to be answered, exactly once: by {@link LinkEvents#failed} when
     * its descriptors are closed, or by {@link LinkEvents#opened} if it was too late. Safe from any thread, may come at
     * any time; after the answer, and the second time, it does nothing. Should not block.
     */
    void stop();
}
