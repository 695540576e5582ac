package dev.keepalive.testkit;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.LinkEvents;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A dial of a {@link FakeConnector}: it succeeds or fails when the test says so. Safe from any thread. */
public final class FakeDial implements Dial {
    private final FakeConnector connector;
    private final DialRequest request;
    private final LinkEvents<FakeConnection> events;
    private final int number;
    private volatile boolean stopped;

    FakeDial(FakeConnector connector, DialRequest request, LinkEvents<FakeConnection> events, int number) {
        this.connector = connector;
        this.request = request;
        this.events = events;
        this.number = number;
    }

    /** The endpoint that is dialed. */
    public Endpoint endpoint() {
        return request.endpoint();
    }

    /** The event loop on which the connection is wanted, or null. */
    public @Nullable Executor callerLoop() {
        return request.eventLoop();
    }

    /** Its number among the connector's dials, from 1. */
    public int number() {
        return number;
    }

    /** The dial enters this phase. */
    public void enter(Phase phase) {
        events.phaseStarted(phase);
    }

    /**
     * The peer lets the connection have this many leases at a time, before or after it is open.
     *
     * @param leases 0 or more
     */
    public void capacity(int leases) {
        events.capacity(leases);
    }

    /** The dial succeeds; the connection is on the event loop on which it is wanted, if any. */
    public FakeLink succeed() {
        return succeedOn(request.eventLoop());
    }

    /** The dial succeeds; the connection is on this event loop. */
    public FakeLink succeedOn(@Nullable Executor loop) {
        int capacity = connector.capacity();
        FakeLink link = new FakeLink(connector, endpoint(), events, number, loop, capacity != FakeConnector.EXCLUSIVE);
        connector.opened(link);
        if (capacity > 0) {
            events.capacity(capacity);
        }
        events.opened(link);
        return link;
    }

    /** The dial fails with connection refused. */
    public void refuse() {
        fail(new DialException(Phase.CONNECT, 111, "Connection refused", null));
    }

    /** The dial fails because the process has no more descriptors. */
    public void runOutOfDescriptors() {
        fail(new DialException(Phase.CONNECT, 24, "Too many open files", null));
    }

    /** The dial fails with this. */
    public void fail(Throwable cause) {
        events.failed(cause);
    }

    /** True if the manager asked for the dial to be stopped. The test must still answer it. */
    public boolean isStopped() {
        return stopped;
    }

    @Override
    public void stop() {
        stopped = true;
    }

    @Override
    public String toString() {
        return "dial " + number + " to " + endpoint();
    }
}
