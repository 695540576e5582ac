package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import dev.keepalive.testkit.FakeTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Promises of the fault catalogue that depend on the connector, over sockets; elsewhere fakes show the same. */
@EnabledOnOs(OS.LINUX)
class FaultsOfRealConnectorsTest extends SocketManagerRig {
    private static final Duration SHORT = Duration.ofMillis(500);

    @Test
    @Tag("A16")
    void theTimeoutOfAnAcquireCoversLookupConnectAndHandshake() throws Exception {
        FakeResolver resolver = new FakeResolver().stuck("stuck.test");
        try (FullBacklog silent = new FullBacklog();
                ScriptedServer mute = ScriptedServer.start()) {
            manager(
                    NettyConnector.builder().resolver(resolver).tls(Certificates.clientContext()),
                    8,
                    2,
                    options -> options);
            Endpoint secure = Endpoint.of("https", "127.0.0.1", mute.port());
            assertThat(phaseOfTimeout(Endpoint.of("line", "stuck.test", 1))).isEqualTo(Phase.RESOLVE);
            assertThat(phaseOfTimeout(silent.endpoint())).isEqualTo(Phase.CONNECT);
            assertThat(phaseOfTimeout(secure)).isEqualTo(Phase.TLS);
            manager.close();
            manager.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } finally {
            resolver.close();
        }
    }

    private Phase phaseOfTimeout(Endpoint slow) throws Exception {
        AcquireException failure =
                failed(manager.acquire(AcquireRequest.to(slow).withTimeout(SHORT)));
        assertThat(failure).isInstanceOf(AcquireException.TimedOut.class);
        assertThat(failure.timings().get(Phase.QUEUE)).isGreaterThanOrEqualTo(SHORT);
        return failure.phase();
    }

    @Test
    @Tag("B03")
    void unknownNamesCostNoPermit() throws Exception {
        FakeResolver resolver = new FakeResolver();
        try {
            manager(NettyConnector.builder().resolver(resolver), 2, 2, options -> options);
            for (int i = 0; i < 20; i++) {
                AcquireException failure = failed(manager.acquire(Endpoint.of("line", "unknown" + i + ".test", 1)));
                assertThat(failure.phase()).isEqualTo(Phase.RESOLVE);
            }
            leakCheck().check();
        } finally {
            resolver.close();
        }
    }

    @Test
    @Tag("I02")
    void blockingOnAnEventLoopOfNettyIsRefused() throws Exception {
        manager(1, 1);
        Lease<NettyConnection> held = acquired();
        Executor loop = held.connection().channel().eventLoop();
        CompletableFuture<Void> refused = CompletableFuture.runAsync(
                () -> {
                    CompletableFuture<Lease<NettyConnection>> waiting = manager.acquire(endpoint);
                    assertThatIllegalStateException().isThrownBy(waiting::join);
                    assertThatIllegalStateException()
                            .isThrownBy(() -> manager.blocking().acquire(endpoint));
                    assertThat(waiting.cancel(false)).isTrue();
                },
                loop);
        refused.get(20, TimeUnit.SECONDS);
        held.release();
    }

    @Test
    @Tag("I14")
    void theThreadsOfEventLoopsInheritNothing() throws Exception {
        InheritableThreadLocal<String> inherited = new InheritableThreadLocal<>();
        Executor callbacks = task -> new Thread(() -> {
                    inherited.set("of the program");
                    Thread.currentThread().setContextClassLoader(getClass().getClassLoader());
                    task.run();
                })
                .start();
        manager(NettyConnector.builder(), 1, 1, options -> options.callbackExecutor(callbacks));
        Lease<NettyConnection> lease = acquired();
        Executor loop = lease.connection().channel().eventLoop();
        CompletableFuture<List<Object>> found = CompletableFuture.supplyAsync(
                () -> Arrays.asList(
                        inherited.get(),
                        Thread.currentThread().getContextClassLoader(),
                        Thread.currentThread().isDaemon()),
                loop);
        assertThat(found.get(20, TimeUnit.SECONDS)).containsExactly(null, null, true);
        lease.release();
    }

    @Test
    @Tag("J03")
    @Tag("J04")
    void aDrainClosesWhatIsStillLeasedAtItsDeadlineAndTheReleaseAfterwardsDoesNoHarm() throws Exception {
        List<String> cutShort = new CopyOnWriteArrayList<>();
        ConnectionListener listener = new ConnectionListener() {
            @Override
            public void leaseCutShort(AcquireRequest request, Duration held, @Nullable Throwable acquiredAt) {
                cutShort.add(request.toString());
            }
        };
        manager(NettyConnector.builder(), 2, 2, options -> options.listener(listener));
        Lease<NettyConnection> inTime = acquired();
        Lease<NettyConnection> late =
                got(manager.acquire(AcquireRequest.to(endpoint).withLabel("nightly report")));
        CompletableFuture<Boolean> drained =
                manager.drain(Duration.ofSeconds(1)).toCompletableFuture();
        exchange(inTime);
        inTime.release();
        assertThat(drained.get(20, TimeUnit.SECONDS)).isFalse();
        await().untilAsserted(() -> assertThat(server.open()).isZero());
        assertThat(late.release()).isTrue();
        await().untilAsserted(() -> assertThat(cutShort).containsExactly(endpoint + " (nightly report)"));
    }

    @Test
    @Tag("K02")
    void afterTheHostWasSuspendedAnIdleConnectionIsClosedAndNotLeased() throws Exception {
        FakeTime time = new FakeTime();
        List<CloseReason> closed = new CopyOnWriteArrayList<>();
        ConnectionListener listener = new ConnectionListener() {
            @Override
            public void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
                closed.add(reason);
            }
        };
        manager(NettyConnector.builder(), 1, 1, options -> options.time(time).listener(listener));
        Lease<NettyConnection> first = acquired();
        exchange(first);
        first.release();
        await().until(() -> manager.snapshot().all().idle() == 1);
        time.moveWallClock(Duration.ofHours(1));
        time.advance(Duration.ofSeconds(1));
        await().untilAsserted(() -> assertThat(server.open()).isZero());
        Lease<NettyConnection> next = acquired();
        assertThat(next.origin()).isEqualTo(LeaseOrigin.NEW);
        await().untilAsserted(() -> assertThat(closed).containsExactly(CloseReason.RETIRED));
        next.invalidate();
        await().until(() -> manager.snapshot().all().open() == 0);
        manager.close();
        manager.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
