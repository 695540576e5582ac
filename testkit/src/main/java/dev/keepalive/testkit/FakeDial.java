package dev.keepalive.testkit;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.LinkEvents;

/** A dial of a {@link FakeConnector}: it succeeds or fails when the test says so. Safe from any thread. */
public final class FakeDial implements Dial {
    private final FakeConnector connector;
    private final Endpoint endpoint;
    private final LinkEvents<FakeConnection> events;
    private final int number;
    private volatile boolean stopped;

    FakeDial(FakeConnector connector, Endpoint endpoint, LinkEvents<FakeConnection> events, int number) {
        this.connector = connector;
        this.endpoint = endpoint;
        this.events = events;
        this.number = number;
    }

    /** What is dialled. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** Its number among the connector's dials, from 1. */
    public int number() {
        return number;
    }

    /** The dial goes on to this phase. */
    public void enter(Phase phase) {
        events.entered(phase);
    }

    /** The dial succeeds. */
    public FakeLink succeed() {
        FakeLink link = new FakeLink(connector, endpoint, events, number);
        connector.opened(link);
        events.opened(link);
        return link;
    }

    /** The dial fails with connection refused. */
    public void refuse() {
        fail(new DialException(Phase.CONNECT, 111, "Connection refused", null));
    }

    /** The dial fails with this. */
    public void fail(Throwable cause) {
        events.failed(cause);
    }

    /** True if the manager asked for it to be given up. It is still to be answered. */
    public boolean isStopped() {
        return stopped;
    }

    @Override
    public void stop() {
        stopped = true;
    }

    @Override
    public String toString() {
        return "dial " + number + " to " + endpoint;
    }
}
