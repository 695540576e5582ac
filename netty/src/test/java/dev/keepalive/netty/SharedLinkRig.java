package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.DialRequest;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/** A test of links that several leases share, over real sockets, in the place of the manager. */
abstract class SharedLinkRig {
    final ScriptedServer server = ScriptedServer.start();
    private final List<Connector<?>> connectors = new ArrayList<>();

    <C> SharedLinkEvents<C> dial(Protocol<C> protocol) {
        Connector<C> connector = NettyConnector.builder().build(protocol);
        connectors.add(connector);
        connector.claim();
        SharedLinkEvents<C> events = new SharedLinkEvents<>();
        Endpoint endpoint = Endpoint.of("lines", "127.0.0.1", server.port());
        connector.connect(DialRequest.of(endpoint, Duration.ofSeconds(20)), events);
        return events;
    }

    /** Blocks the event loop until the returned latch is counted down. */
    static CountDownLatch block(EventLoop loop) throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        loop.execute(() -> {
            held.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        held.await();
        return go;
    }

    static EventLoop loopOf(SharedLinkEvents<?> events) throws Exception {
        return (EventLoop) events.link().eventLoop();
    }

    static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    @AfterEach
    void closeAll() throws Exception {
        for (Connector<?> connector : connectors) {
            connector.close().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
        server.close();
    }
}
