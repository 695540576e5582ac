package dev.keepalive.netty;

import static dev.keepalive.netty.PoeRig.at;
import static dev.keepalive.netty.PoeRig.failed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Known bugs of POE that this library must not have: one test for each, on real sockets. */
class PoeBugsTest {
    private final PoeRig rig = new PoeRig();
    private final ScriptedServer server = rig.server();
    private final Endpoint endpoint = at(server);

    @AfterEach
    void nothingStaysOpen() throws Exception {
        rig.close();
    }

    @Test
    void aTlsFailureReturnsItsPermitsAndTheNextWaiterIsTried() throws Exception {
        SSLContext untrusted = Certificates.selfSigned();
        Thread handshakes = new Thread(() -> {
            for (int i = 0; i < 2; i++) {
                try {
                    server.acceptTls(untrusted);
                } catch (Exception refusedByTheClient) {
                    // expected
                }
            }
        });
        handshakes.start();
        var manager = rig.manager(
                NettyConnector.builder().tls(Certificates.clientContext()).build(), options -> options.maxOpen(1));
        Endpoint secure = Endpoint.of("https", "127.0.0.1", server.port());
        CompletableFuture<Lease<NettyConnection>> first = manager.acquire(secure);
        CompletableFuture<Lease<NettyConnection>> second = manager.acquire(secure);
        assertThat(failed(first).phase()).isEqualTo(Phase.TLS);
        assertThat(failed(second).phase())
                .as("the second waiter was tried on its own dial")
                .isEqualTo(Phase.TLS);
        handshakes.join();
        assertThat(rig.acquired(manager, endpoint).origin())
                .as("the only permit was returned")
                .isEqualTo(LeaseOrigin.NEW);
    }

    @Test
    void aWaiterIsNotStuckBehindAWaiterOfAFullEndpoint() throws Exception {
        ScriptedServer otherServer = rig.server();
        var manager = rig.manager(options -> options.maxOpenPerEndpoint(1));
        rig.acquired(manager, endpoint);
        CompletableFuture<Lease<NettyConnection>> stuck = manager.acquire(endpoint);
        assertThat(rig.acquired(manager, at(otherServer)).origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(stuck).isNotDone();
        stuck.cancel(false);
    }

    @Test
    void cancellingNeverClosesAnUnrelatedIdleConnection() throws Exception {
        ScriptedServer otherServer = rig.server();
        var manager = rig.manager(options -> options.maxOpenPerEndpoint(1));
        rig.acquired(manager, endpoint).release();
        rig.acquired(manager, at(otherServer));
        CompletableFuture<Lease<NettyConnection>> cancelled = manager.acquire(at(otherServer));
        assertThat(cancelled.cancel(false)).isTrue();
        assertThat(rig.acquired(manager, endpoint).origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
    }

    @Test
    void aTimedOutRequestLeavesTheQueueAtOnce() throws Exception {
        var manager = rig.manager(options -> options.maxOpenPerEndpoint(1));
        Lease<NettyConnection> held = rig.acquired(manager, endpoint);
        CompletableFuture<Lease<NettyConnection>> late =
                manager.acquire(AcquireRequest.to(endpoint).withTimeout(Duration.ofMillis(20)));
        assertThat(failed(late)).isInstanceOf(AcquireException.TimedOut.class);
        assertThat(manager.snapshot().all().waiting()).isZero();
        held.release();
        assertThat(rig.acquired(manager, endpoint).origin())
                .as("the waiter that timed out is not served")
                .isEqualTo(LeaseOrigin.IMMEDIATE);
    }

    @Test
    void shutdownAnswersEveryWaiter() throws Exception {
        var manager = rig.manager(options -> options.maxOpenPerEndpoint(1));
        rig.acquired(manager, endpoint);
        List<CompletableFuture<Lease<NettyConnection>>> waiting = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            waiting.add(manager.acquire(endpoint));
        }
        manager.close();
        for (CompletableFuture<Lease<NettyConnection>> waiter : waiting) {
            assertThat(failed(waiter)).isInstanceOf(AcquireException.Closed.class);
        }
    }

    @Test
    void evictionClosesTheLeastRecentlyUsedConnection() throws Exception {
        ScriptedServer serverB = rig.server();
        ScriptedServer serverC = rig.server();
        ScriptedServer serverD = rig.server();
        for (int round = 0; round < 5; round++) {
            var manager = rig.manager(options -> options.maxOpen(3));
            Lease<NettyConnection> a = rig.acquired(manager, endpoint);
            Lease<NettyConnection> b = rig.acquired(manager, at(serverB));
            Lease<NettyConnection> c = rig.acquired(manager, at(serverC));
            b.release();
            c.release();
            a.release();
            Lease<NettyConnection> d = rig.acquired(manager, at(serverD));
            assertThat(manager.snapshot().endpoints()).containsOnlyKeys(endpoint, at(serverC), at(serverD));
            d.release();
            manager.close();
        }
    }

    @Test
    void theSecondAddressOfANameIsTried() throws Exception {
        FakeResolver resolver = new FakeResolver().name("two.test", "127.0.0.2", "127.0.0.1");
        var manager = rig.manager(NettyConnector.builder().resolver(resolver).build(), options -> options);
        Lease<NettyConnection> lease = rig.acquired(manager, Endpoint.of("line", "two.test", server.port()));
        assertThat(lease.origin()).isEqualTo(LeaseOrigin.NEW);
        resolver.close();
    }

    @Test
    void aLateConnectionIsAdoptedAndTheLimitIsNeverExceeded() throws Exception {
        try (FullBacklog silent = new FullBacklog()) {
            var manager = rig.manager(options -> options.maxOpen(1));
            CompletableFuture<Lease<NettyConnection>> timedOut =
                    manager.acquire(AcquireRequest.to(silent.endpoint()).withTimeout(Duration.ofMillis(50)));
            assertThat(failed(timedOut)).isInstanceOf(AcquireException.TimedOut.class);
            assertThat(manager.snapshot().all().dialing())
                    .as("the dial goes on")
                    .isEqualTo(1);
            CompletableFuture<Lease<NettyConnection>> next = manager.acquire(endpoint);
            assertThat(rig.got(next).origin())
                    .as("a dial that no waiter needs makes room")
                    .isEqualTo(LeaseOrigin.NEW);
            await().until(() -> manager.snapshot().all().open() == 1);
        }
    }
}
