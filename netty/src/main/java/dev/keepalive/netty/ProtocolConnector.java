package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.LinkEvents;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A connector whose connections speak a {@link Protocol}. Dials as a {@link NettyConnector} does. */
final class ProtocolConnector<C> implements Connector<C> {
    /** What all its connections share. */
    record Parts(TlsSettings tlsSettings, AnswerHabits habits, boolean shortReadProves) {}

    private final NettyConnector dialer;
    private final Protocol<C> protocol;
    private final Parts parts;

    ProtocolConnector(NettyConnector dialer, Protocol<C> protocol) {
        this.dialer = dialer;
        this.protocol = protocol;
        ConnectorContext context = dialer.context();
        this.parts = new Parts(
                context.tlsSettings(), new AnswerHabits(), context.transport().isEmptyAfterShortRead());
    }

    @Override
    public void claim() {
        dialer.claim();
    }

    @Override
    public void requireSupported(Endpoint endpoint) {
        dialer.requireSupported(endpoint);
    }

    @Override
    public int expectedLeases(Endpoint endpoint) {
        return protocol.expectedLeases(endpoint);
    }

    @Override
    public Dial connect(DialRequest request, LinkEvents<C> events) {
        return dialer.connect(
                request,
                events,
                (channel, loop, endpoint, tls) ->
                        new ProtocolLink<>(protocol, parts, channel, loop, endpoint, events, tls));
    }

    @Override
    public void forget(Predicate<? super Endpoint> which) {
        dialer.forget(which);
    }

    @Override
    public @Nullable Executor currentEventLoop() {
        return dialer.currentEventLoop();
    }

    @Override
    public CompletionStage<?> close() {
        return dialer.close();
    }
}
