package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Fault catalogue, parts A and B: the faults that need sockets. The server counts connections, and the system counts
 * open sockets.
 */
@EnabledOnOs(OS.LINUX)
class FaultsOnSocketsTest extends SocketManagerRig {
    @Test
    @Tag("A04")
    void aConnectionThatOpensLongAfterTheTimeoutIsKept() throws Exception {
        try (FullBacklog silent = new FullBacklog()) {
            manager(2, 1);
            AcquireRequest hasty = AcquireRequest.to(silent.endpoint()).withTimeout(Duration.ofMillis(200));
            assertThat(failed(manager.acquire(hasty))).isInstanceOf(AcquireException.TimedOut.class);
            silent.startAccepting();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> manager.snapshot().all().idle() == 1);
            Lease<NettyConnection> adopted = got(manager.acquire(silent.endpoint()));
            assertThat(adopted.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
            assertThat(manager.snapshot().totals().opened()).isEqualTo(1);
            adopted.invalidate();
            await().until(() -> manager.snapshot().all().open() == 0);
        }
    }

    @Test
    @Tag("A08")
    void anAcquireCancelledDuringConnectIsGoneAtOnceAndItsPermitsAreFree() throws Exception {
        try (FullBacklog silent = new FullBacklog()) {
            manager(1, 1);
            CompletableFuture<Lease<NettyConnection>> cancelled = manager.acquire(silent.endpoint());
            await().until(() -> manager.snapshot().all().dialing() == 1);
            assertThat(cancelled.cancel(false)).isTrue();
            assertThat(manager.snapshot().all().waiting()).isZero();
            assertThat(acquired().release()).isTrue();
            assertThat(manager.snapshot().endpoints()).containsOnlyKeys(endpoint);
        }
    }

    @Test
    @Tag("A09")
    void anAcquireCancelledDuringTheTlsHandshakeIsGoneAtOnceAndItsPermitsAreFree() throws Exception {
        try (ScriptedServer mute = ScriptedServer.start()) {
            manager(NettyConnector.builder().tls(Certificates.clientContext()), 1, 1, options -> options);
            CompletableFuture<Lease<NettyConnection>> cancelled =
                    manager.acquire(Endpoint.of("https", "127.0.0.1", mute.port()));
            ScriptedServer.Peer peer = mute.accept();
            assertThat(cancelled.cancel(false)).isTrue();
            assertThat(manager.snapshot().all().waiting()).isZero();
            assertThat(acquired().release()).isTrue();
            peer.readAll();
            assertThat(manager.snapshot().endpoints()).containsOnlyKeys(endpoint);
        }
    }

    @Test
    @Tag("B01")
    void repeatedRefusalsLoseNoPermit() throws Exception {
        manager(2, 2);
        Endpoint refusing = PoeRig.withoutServer();
        for (int i = 0; i < 20; i++) {
            AcquireException failure = failed(manager.acquire(refusing));
            assertThat(failure).isInstanceOf(AcquireException.DialFailed.class);
            assertThat(failure.errorNumber()).isEqualTo(111);
        }
    }

    @Test
    @Tag("B02")
    void aRefusedCertificateReturnsItsPermitsAndTheNextWaiterIsTried() throws Exception {
        try (ScriptedServer untrusted = ScriptedServer.start()) {
            manager(NettyConnector.builder().tls(Certificates.clientContext()), 1, 1, options -> options);
            Endpoint secure = Endpoint.of("https", "127.0.0.1", untrusted.port());
            CompletableFuture<Lease<NettyConnection>> first = manager.acquire(secure);
            CompletableFuture<Lease<NettyConnection>> second = manager.acquire(secure);
            for (CompletableFuture<Lease<NettyConnection>> waiter : List.of(first, second)) {
                try {
                    untrusted.acceptTls(Certificates.selfSigned());
                } catch (IOException refusedByTheClient) {
                    // expected
                }
                assertThat(failed(waiter).phase()).isEqualTo(Phase.TLS);
            }
        }
    }

    @Test
    @Tag("B05")
    void theServerNeverSeesMoreConnectionsThanTheLimit() throws Exception {
        manager(4, 3);
        AtomicInteger done = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 16; t++) {
            int number = t;
            Thread thread = new Thread(() -> {
                try {
                    for (int i = 0; i < 250; i++) {
                        Lease<NettyConnection> lease = manager.blocking().acquire(server.endpoint(number % 3));
                        boolean ended = i % 5 == 0 ? lease.invalidate() : lease.release();
                        done.addAndGet(ended ? 1 : 0);
                    }
                } catch (AcquireException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(done).hasValue(16 * 250);
        await().untilAsserted(() ->
                assertThat(server.total()).as("one in five was invalidated").isGreaterThanOrEqualTo(16 * 50));
        assertThat(server.mostOpen()).isLessThanOrEqualTo(4);
    }

    @Test
    @Tag("B11")
    @Tag("G09")
    void aHolderThatGivesUpDuringAReplyLosesTheConnectionButNoPermit() throws Exception {
        manager(1, 1);
        for (int i = 1; i <= 20; i++) {
            Lease<NettyConnection> lease = acquired();
            lease.connection().start(new RecordingListener<>()).send("half");
            int requests = i;
            await().until(() -> Collections.frequency(server.lines, "half") == requests);
            assertThat(i % 2 == 0 ? lease.invalidate() : lease.release()).isTrue();
            Lease<NettyConnection> next = acquired();
            assertThat(next.origin()).isEqualTo(LeaseOrigin.NEW);
            exchange(next);
            assertThat(next.invalidate()).isTrue();
        }
        assertThat(server.mostOpen()).isEqualTo(1);
    }

    @Test
    @Tag("B12")
    void manyFailedHandshakesLeaveNoDescriptor() throws Exception {
        try (ScriptedServer untrusted = ScriptedServer.start("0.0.0.0", 0)) {
            manager(NettyConnector.builder().tls(Certificates.clientContext()), 2, 2, options -> options);
            SSLContext selfSigned = Certificates.selfSigned();
            for (int i = 0; i < 100; i++) {
                // Another address each time, so that earlier failures pause no endpoint.
                CompletableFuture<Lease<NettyConnection>> refused =
                        manager.acquire(Endpoint.of("https", "127.0.0." + (i + 2), untrusted.port()));
                try {
                    untrusted.acceptTls(selfSigned).close();
                } catch (IOException refusedByTheClient) {
                    // expected
                }
                assertThat(failed(refused).phase()).isEqualTo(Phase.TLS);
            }
            assertThat(manager.snapshot().all().open()).isZero();
        }
    }

    @Test
    @Tag("B13")
    void aConnectionThatThePeerResetsWhileItIsLeasedCountsOnceAndItsWaiterGetsANewOne() throws Exception {
        manager(1, 1);
        Lease<NettyConnection> lease = acquired();
        CompletableFuture<Lease<NettyConnection>> waiting = manager.acquire(endpoint);
        RecordingListener<String> listener = new RecordingListener<>();
        lease.connection().start(listener).send("reset");
        assertThat(listener.end()).isInstanceOf(IOException.class);
        Lease<NettyConnection> next = got(waiting);
        assertThat(next.origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(lease.release()).isTrue();
        exchange(next);
        next.release();
        assertThat(server.total()).isEqualTo(2);
        assertThat(manager.snapshot().totals().opened()).isEqualTo(2);
    }
}
