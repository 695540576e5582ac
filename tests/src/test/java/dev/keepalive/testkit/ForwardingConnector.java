package dev.keepalive.testkit;

import dev.keepalive.Endpoint;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.LinkEvents;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** Forwards all calls to a fake connector. A test overrides the calls that it changes. */
class ForwardingConnector implements Connector<FakeConnection> {
    final FakeConnector scripted;

    ForwardingConnector() {
        this(FakeConnector.scripted());
    }

    ForwardingConnector(FakeConnector scripted) {
        this.scripted = scripted;
    }

    @Override
    public void claim() {
        scripted.claim();
    }

    @Override
    public void requireSupported(Endpoint endpoint) {
        scripted.requireSupported(endpoint);
    }

    @Override
    public int expectedLeases(Endpoint endpoint) {
        return scripted.expectedLeases(endpoint);
    }

    @Override
    public Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
        return scripted.connect(request, events);
    }

    @Override
    public void forget(Predicate<? super Endpoint> which) {
        scripted.forget(which);
    }

    @Override
    public CompletionStage<?> close() {
        return scripted.close();
    }
}
