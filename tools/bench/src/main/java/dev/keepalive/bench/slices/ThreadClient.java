package dev.keepalive.bench.slices;

/** What one thread of a {@link ThreadLoad} does again and again. */
@FunctionalInterface
public interface ThreadClient {
    /** Makes one request and waits for its answer. */
    void request() throws Exception;
}
