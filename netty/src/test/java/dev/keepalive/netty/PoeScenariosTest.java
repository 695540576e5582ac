package dev.keepalive.netty;

import static dev.keepalive.netty.PoeRig.at;
import static dev.keepalive.netty.PoeRig.failed;
import static dev.keepalive.netty.PoeRig.withoutServer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The scenarios of POE's own tests: one test for each, on real sockets. */
class PoeScenariosTest {
    private final PoeRig rig = new PoeRig();
    private final ScriptedServer server = rig.server();
    private final Endpoint endpoint = at(server);

    @AfterEach
    void nothingStaysOpen() throws Exception {
        rig.close();
    }

    @Test
    void reuseAfterRelease() throws Exception {
        var manager = rig.manager(options -> options);
        Lease<NettyConnection> first = rig.acquired(manager, endpoint);
        assertThat(first.origin()).isEqualTo(LeaseOrigin.NEW);
        first.release();
        Lease<NettyConnection> second = rig.acquired(manager, endpoint);
        assertThat(second.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        assertThat(second.uses()).isEqualTo(2);
        server.accept(); // the client may be served before the server has counted
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void reuseAfterAConversation() throws Exception {
        var manager = rig.manager(options -> options);
        Lease<NettyConnection> first = rig.acquired(manager, endpoint);
        ScriptedServer.Peer peer = server.accept();
        RecordingListener<String> replies = new RecordingListener<>();
        first.connection().start(replies).send("ping");
        assertThat(peer.readLine()).isEqualTo("ping\r");
        peer.send("pong\n");
        assertThat(replies.next()).isEqualTo("pong");
        first.release();
        Lease<NettyConnection> second = rig.acquired(manager, endpoint);
        assertThat(second.origin()).as("released before the second acquire").isEqualTo(LeaseOrigin.IMMEDIATE);
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void queueAtMaxOpenOne() throws Exception {
        var manager = rig.manager(options -> options.maxOpen(1));
        CompletableFuture<Lease<NettyConnection>> first = manager.acquire(endpoint);
        CompletableFuture<Lease<NettyConnection>> second = manager.acquire(endpoint);
        CompletableFuture<Lease<NettyConnection>> third = manager.acquire(endpoint);
        CompletableFuture<Lease<NettyConnection>> unreachable = manager.acquire(withoutServer());
        assertThat(rig.got(first).origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(second).isNotDone();
        rig.got(first).release();
        assertThat(rig.got(second).origin()).isEqualTo(LeaseOrigin.DEFERRED);
        rig.got(second).invalidate();
        assertThat(rig.got(third).origin()).isEqualTo(LeaseOrigin.NEW);
        rig.got(third).release();
        assertThat(failed(unreachable)).hasMessageContaining("connect error 111: Connection refused");
    }

    @Test
    void queueAtOnePerEndpoint() throws Exception {
        ScriptedServer otherServer = rig.server();
        var manager = rig.manager(options -> options.maxOpenPerEndpoint(1));
        Lease<NettyConnection> first = rig.acquired(manager, endpoint);
        CompletableFuture<Lease<NettyConnection>> second = manager.acquire(endpoint);
        Lease<NettyConnection> other = rig.acquired(manager, at(otherServer));
        assertThat(other.origin()).as("another endpoint does not wait").isEqualTo(LeaseOrigin.NEW);
        assertThat(second).isNotDone();
        first.release();
        assertThat(rig.got(second).origin()).isEqualTo(LeaseOrigin.DEFERRED);
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void releaseWhileShutDownInBothDirections() throws Exception {
        var manager = rig.manager(options -> options);
        Lease<NettyConnection> lease = rig.acquired(manager, endpoint);
        FrameStream<String> frames = lease.connection().start(new RecordingListener<>());
        frames.shutdownInput();
        frames.shutdownOutput();
        lease.release();
        assertThat(rig.acquired(manager, endpoint).origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(server.accept().readAll()).isEmpty();
    }

    @Test
    @SuppressWarnings("NullAway")
    void eachInvalidArgumentIsRefused() throws Exception {
        var manager = rig.manager(options -> options);
        assertThatThrownBy(() -> Endpoint.of(null, "127.0.0.1", 80)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> Endpoint.of("http", null, 80)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> Endpoint.of("http", "", 80)).hasMessageContaining("host ''");
        assertThatThrownBy(() -> Endpoint.of("http", "127.0.0.1", 0)).hasMessageContaining("port 0");
        assertThatThrownBy(() -> Endpoint.of("http", "127.0.0.1", 70000)).hasMessageContaining("port 70000");
        assertThatThrownBy(() -> AcquireRequest.to(endpoint).withTimeout(Duration.ZERO))
                .hasMessageContaining("PT0S");
        assertThatThrownBy(() -> manager.acquire(AcquireRequest.to(endpoint), null, any -> {}, any -> {}))
                .hasMessage("executor");
        assertThatThrownBy(() -> manager.acquire(AcquireRequest.to(endpoint), Runnable::run, null, any -> {}))
                .hasMessage("onLease");
        assertThatThrownBy(() -> manager.acquire(Endpoint.of("coaps", "127.0.0.1", 80)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("coaps");
        Lease<NettyConnection> lease = rig.acquired(manager, endpoint);
        assertThat(lease.release()).isTrue();
        assertThat(lease.release()).as("released twice").isFalse();
    }

    @Test
    void inputAfterTheReleaseClosesTheConnection() throws Exception {
        var manager = rig.manager(options -> options);
        rig.acquired(manager, endpoint).release();
        server.accept().send("out of turn");
        await().until(() -> manager.snapshot().all().open() == 0);
        assertThat(rig.acquired(manager, endpoint).origin()).isEqualTo(LeaseOrigin.NEW);
    }

    @Test
    void aKeepAliveOfOneSecondIsOverAfterTwo() throws Exception {
        var manager = rig.manager(options -> options.idleTimeout(Duration.ofSeconds(1)));
        rig.acquired(manager, endpoint).release();
        assertThat(server.accept().readAll()).as("the server sees the close").isEmpty();
        await().until(() -> manager.snapshot().all().open() == 0);
        assertThat(rig.acquired(manager, endpoint).origin()).isEqualTo(LeaseOrigin.NEW);
    }

    @Test
    void quickReuseAtMaxOpenTwoWithAnotherEndpointEvictingAnIdleOne() throws Exception {
        ScriptedServer otherServer = rig.server();
        var manager = rig.manager(options -> options.maxOpen(2));
        Lease<NettyConnection> first = rig.acquired(manager, endpoint);
        Lease<NettyConnection> second = rig.acquired(manager, endpoint);
        first.release();
        Lease<NettyConnection> again = rig.acquired(manager, endpoint);
        assertThat(again.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        again.release();
        Lease<NettyConnection> other = rig.acquired(manager, at(otherServer));
        assertThat(other.origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(server.accept().readAll()).as("the idle one made room").isEmpty();
        second.release();
        assertThat(rig.acquired(manager, endpoint).origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        assertThat(server.connections()).isEqualTo(2);
    }

    @Test
    void aTimeoutThatIsOverBeforeTheDialBegins() throws Exception {
        var manager = rig.manager(options -> options);
        AcquireException failure =
                failed(manager.acquire(AcquireRequest.to(endpoint).withTimeout(Duration.ofNanos(1))));
        assertThat(failure).isInstanceOf(AcquireException.TimedOut.class);
        assertThat(failure.errorNumber()).isEqualTo(110);
    }

    @Test
    void aTimeoutWhileConnecting() throws Exception {
        try (FullBacklog silent = new FullBacklog()) {
            var manager = rig.manager(options -> options);
            AcquireException failure =
                    failed(manager.acquire(AcquireRequest.to(silent.endpoint()).withTimeout(Duration.ofMillis(200))));
            assertThat(failure).isInstanceOf(AcquireException.TimedOut.class);
            assertThat(failure.phase()).isEqualTo(Phase.CONNECT);
            assertThat(failure.errorNumber()).isEqualTo(110);
        }
    }

    @Test
    void aBuiltInResolverAndASharedResolver() throws Exception {
        Endpoint named = Endpoint.of("line", "localhost", server.port());
        var own = rig.manager(options -> options);
        assertThat(rig.acquired(own, named).origin()).isEqualTo(LeaseOrigin.NEW);
        FakeResolver shared = new FakeResolver().name("line.test", "127.0.0.1");
        Endpoint faked = Endpoint.of("line", "line.test", server.port());
        for (int i = 1; i <= 2; i++) {
            var sharing = rig.manager(NettyConnector.builder().resolver(shared).build(), options -> options);
            rig.acquired(sharing, faked).release();
            sharing.close();
            sharing.closed().toCompletableFuture().join();
            assertThat(shared.queries).hasValue(i);
            assertThat(shared.closed).as("a shared resolver stays open").isFalse();
        }
        shared.close();
    }

    @Test
    void aDeadSocketIsNoticedByItsErrorAndTheNextConnectionIsNew() throws Exception {
        var manager = rig.manager(options -> options);
        Lease<NettyConnection> lease = rig.acquired(manager, endpoint);
        RecordingListener<String> listener = new RecordingListener<>();
        lease.connection().start(listener);
        server.accept().reset();
        assertThat(listener.end()).hasMessageContaining("reset");
        lease.release();
        assertThat(rig.acquired(manager, endpoint).origin()).isEqualTo(LeaseOrigin.NEW);
    }

    @Test
    void shutdownWithOutstandingLeases() throws Exception {
        var manager = rig.manager(options -> options);
        Lease<NettyConnection> used = rig.acquired(manager, endpoint);
        RecordingListener<String> listener = new RecordingListener<>();
        used.connection().start(listener);
        Lease<NettyConnection> unused = rig.acquired(manager, endpoint);
        manager.close();
        manager.closed().toCompletableFuture().join();
        assertThat(listener.end()).isNotNull();
        assertThat(used.release()).as("a release after the close does no harm").isTrue();
        assertThat(unused.release())
                .as("a release after the close does no harm")
                .isTrue();
        assertThat(server.accept().readAll()).isEmpty();
        assertThat(server.accept().readAll()).isEmpty();
        assertThat(failed(manager.acquire(endpoint))).isInstanceOf(AcquireException.Closed.class);
    }

    @Test
    void closingALeaseMakesTheNextConnectionNew() throws Exception {
        var manager = rig.manager(options -> options);
        rig.acquired(manager, endpoint).close();
        assertThat(rig.acquired(manager, endpoint).origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(server.accept().readAll()).isEmpty();
    }

    @Test
    void aTimeoutGivesExactlyOneAnswerNotAlsoAResolveError() throws Exception {
        FakeResolver resolver = new FakeResolver().stuck("slow.test");
        var manager = rig.manager(NettyConnector.builder().resolver(resolver).build(), options -> options);
        List<AcquireException> failures = new CopyOnWriteArrayList<>();
        List<Lease<NettyConnection>> leases = new CopyOnWriteArrayList<>();
        manager.acquire(
                AcquireRequest.to(Endpoint.of("line", "slow.test", 80)).withTimeout(Duration.ofMillis(100)),
                Runnable::run,
                leases::add,
                failures::add);
        await().until(() -> failures.size() == 1);
        resolver.nextStuck().fail(new java.net.UnknownHostException("slow.test"));
        await().until(() -> manager.snapshot().all().open() == 0);
        assertThat(failures).singleElement().satisfies(failure -> {
            assertThat(failure).isInstanceOf(AcquireException.TimedOut.class);
            assertThat(failure.phase()).isEqualTo(Phase.RESOLVE);
        });
        assertThat(leases).isEmpty();
        resolver.close();
    }

    @Test
    void reuseAndEvictionInTheSamePassAtMaxOpenTwo() throws Exception {
        ScriptedServer serverB = rig.server();
        ScriptedServer serverC = rig.server();
        ConnectionManager<NettyConnection> manager = rig.manager(options -> options.maxOpen(2));
        Lease<NettyConnection> a = rig.acquired(manager, endpoint);
        Lease<NettyConnection> b = rig.acquired(manager, at(serverB));
        CompletableFuture<Lease<NettyConnection>> c = manager.acquire(at(serverC));
        CompletableFuture<Lease<NettyConnection>> again = manager.acquire(endpoint);
        // In this order: else the patience of c may end first, and then a's connection would be closed for it.
        b.release();
        a.release();
        assertThat(rig.got(again).origin()).isEqualTo(LeaseOrigin.DEFERRED);
        assertThat(rig.got(c).origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(serverB.accept().readAll()).as("b made room").isEmpty();
        assertThat(server.connections()).isEqualTo(1);
    }
}
