package dev.keepalive.bench.contenders;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.bench.contenders.Keepalive.Handle;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A connector without any I/O: its connections are open at once, quiet at once, closed at once. */
final class MuteConnector implements Connector<Handle> {
    @Override
    public void open() {}

    @Override
    public void check(Endpoint endpoint) {}

    @Override
    public Dial connect(DialRequest request, LinkEvents<Handle> events) {
        events.opened(new MuteLink(events));
        return () -> {};
    }

    @Override
    public CompletionStage<?> close() {
        return CompletableFuture.completedStage(null);
    }

    /** A connection to nowhere. */
    private static final class MuteLink implements Link<Handle> {
        private final LinkEvents<Handle> events;

        MuteLink(LinkEvents<Handle> events) {
            this.events = events;
        }

        @Override
        public Handle handle(Lease<Handle> lease, long number) {
            return new Handle(lease, this);
        }

        @Override
        public void reset(long number) {
            events.reset(true);
        }

        @Override
        public void close() {
            events.closed(null);
        }
    }
}
