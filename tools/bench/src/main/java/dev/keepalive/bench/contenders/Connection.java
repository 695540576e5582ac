package dev.keepalive.bench.contenders;

import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.ModalCloseable;

/** A connection of the pools that take any object for one. */
final class Connection implements ModalCloseable {
    private final int endpoint;

    Connection(int endpoint) {
        this.endpoint = endpoint;
    }

    @Override
    public void close(CloseMode mode) {}

    @Override
    public void close() {}

    @Override
    public String toString() {
        return "connection to " + endpoint;
    }
}
