package dev.keepalive.testkit;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.spi.Link;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Does as another link does; a test may have it do something else. */
class WrappedLink implements Link<FakeConnection> {
    private final Link<FakeConnection> link;

    WrappedLink(Link<FakeConnection> link) {
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
    public void rekey(Endpoint as) {
        link.rekey(as);
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
