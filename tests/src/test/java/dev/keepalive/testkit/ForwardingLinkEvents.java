package dev.keepalive.testkit;

import dev.keepalive.Phase;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import org.jspecify.annotations.Nullable;

/** Forwards the events of a link to the manager. A test overrides the events that it changes. */
class ForwardingLinkEvents implements LinkEvents<FakeConnection> {
    private final LinkEvents<FakeConnection> events;

    ForwardingLinkEvents(LinkEvents<FakeConnection> events) {
        this.events = events;
    }

    @Override
    public void phaseStarted(Phase phase) {
        events.phaseStarted(phase);
    }

    @Override
    public void opened(Link<FakeConnection> link) {
        events.opened(link);
    }

    @Override
    public void failed(Throwable cause) {
        events.failed(cause);
    }

    @Override
    public boolean inputReceived() {
        return events.inputReceived();
    }

    @Override
    public void resetDone(boolean reusable) {
        events.resetDone(reusable);
    }

    @Override
    public void resetDone(long number, boolean reusable) {
        events.resetDone(number, reusable);
    }

    @Override
    public void capacity(int leases) {
        events.capacity(leases);
    }

    @Override
    public void retire() {
        events.retire();
    }

    @Override
    public void closed(@Nullable Throwable cause) {
        events.closed(cause);
    }
}
