package dev.keepalive.bench.contenders;

import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.ModalCloseable;

/** A connection without I/O, for the pools that pool any object. */
final class DummyConnection implements ModalCloseable {
    private final int endpoint;

    DummyConnection(int endpoint) {
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
