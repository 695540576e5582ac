package dev.keepalive.bench.contenders;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.bench.contenders.KeepaliveAdapter.LeaseHandle;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A connector without I/O. It opens, resets and closes connections within the call. */
final class NoIoConnector implements Connector<LeaseHandle> {
    @Override
    public void claim() {}

    @Override
    public void requireSupported(Endpoint endpoint) {}

    @Override
    public Dial connect(DialRequest request, LinkEvents<LeaseHandle> events) {
        events.opened(new NoIoLink(events));
        return () -> {};
    }

    @Override
    public CompletionStage<?> close() {
        return CompletableFuture.completedStage(null);
    }

    /** A connection without a peer. */
    private static final class NoIoLink implements Link<LeaseHandle> {
        private final LinkEvents<LeaseHandle> events;

        NoIoLink(LinkEvents<LeaseHandle> events) {
            this.events = events;
        }

        @Override
        public LeaseHandle handle(Lease<LeaseHandle> lease, long number) {
            return new LeaseHandle(lease, this);
        }

        @Override
        public void reset(long number) {
            events.resetDone(true);
        }

        @Override
        public void close() {
            events.closed(null);
        }
    }
}
