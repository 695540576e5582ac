package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A connector under test, claimed as a manager would claim it, with helpers for tests. */
final class ConnectorRig implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    final NettyConnector connector;

    ConnectorRig(NettyConnectorBuilder options) {
        connector = options.build();
        connector.claim();
    }

    static ConnectorRig withDefaults() {
        return new ConnectorRig(NettyConnector.builder());
    }

    /** A dial that is under way, with the events that answer it. */
    record DialUnderWay(RecordingEvents events, Dial dial) {}

    DialUnderWay dial(Endpoint endpoint, RecordingEvents events) {
        connector.requireSupported(endpoint);
        return new DialUnderWay(events, connector.connect(DialRequest.of(endpoint, PATIENCE), events));
    }

    RecordingEvents dial(String scheme, String host, int port) {
        return dial(Endpoint.of(scheme, host, port), new RecordingEvents()).events();
    }

    RecordingEvents dial(ScriptedServer server) {
        return dial("test", "127.0.0.1", server.port());
    }

    /**
     * Waits until the event loop of the link has run all tasks that it has so far, and has polled its sockets once
     * more.
     */
    static void awaitEventLoop(NettyLink link) throws Exception {
        EventLoop loop = link.channel().eventLoop();
        for (int i = 0; i < 3; i++) {
            loop.submit(() -> {}).get(20, TimeUnit.SECONDS);
        }
    }

    /** The remote address of the link. */
    static InetSocketAddress remoteOf(NettyLink link) {
        return (InetSocketAddress) link.channel().remoteAddress();
    }

    /** Blocks the event loop of the link until the returned latch is counted down. */
    static CountDownLatch blockEventLoop(NettyLink link) throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        link.channel().eventLoop().execute(() -> {
            held.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        if (!held.await(20, TimeUnit.SECONDS)) {
            throw new AssertionError("the event loop is not free");
        }
        return go;
    }

    @Override
    public void close() throws Exception {
        connector.close().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
