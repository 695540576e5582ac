package dev.keepalive.verify;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A connector that opens, cleans and closes nothing, at once, and remembers nothing. */
final class PromptConnector implements Connector<Lease<?>> {
    private static final Dial NOTHING_TO_STOP = () -> {};

    @Override
    public void open() {}

    @Override
    public void check(Endpoint endpoint) {}

    @Override
    public Dial connect(DialRequest request, LinkEvents<Lease<?>> events) {
        events.opened(new PromptLink(events));
        return NOTHING_TO_STOP;
    }

    @Override
    public CompletionStage<?> close() {
        return CompletableFuture.completedStage(null);
    }

    private record PromptLink(LinkEvents<Lease<?>> events) implements Link<Lease<?>> {
        @Override
        public Lease<?> handle(Lease<Lease<?>> lease, long number) {
            return lease;
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
