package dev.keepalive.testkit;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.spi.Link;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Forwards all calls to another link. A test overrides the calls that it changes. */
class ForwardingLink implements Link<FakeConnection> {
    private final Link<FakeConnection> link;

    ForwardingLink(Link<FakeConnection> link) {
        this.link = link;
    }

    @Override
    public FakeConnection handle(Lease<FakeConnection> lease, long number) {
        return link.handle(lease, number);
    }

    @Override
    public void reset(long number) {
        link.reset(number);
    }

    @Override
    public void rekey(Endpoint endpoint) {
        link.rekey(endpoint);
    }

    @Override
    public boolean isShared() {
        return link.isShared();
    }

    @Override
    public @Nullable Executor eventLoop() {
        return link.eventLoop();
    }

    @Override
    public void setupDone() {
        link.setupDone();
    }

    @Override
    public void close() {
        link.close();
    }
}
