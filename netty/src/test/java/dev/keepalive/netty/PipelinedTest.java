package dev.keepalive.netty;

import static dev.keepalive.netty.ProtocolRig.LINES;
import static dev.keepalive.netty.ProtocolRig.lost;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.testservers.TestServer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pipelined requests through a manager: what the callers of acquire notice of each other. */
class PipelinedTest {
    private final ScriptedServer server = ScriptedServer.start();
    private final FakeResolver resolver = new FakeResolver().name("moves.test", "127.0.0.1");
    private Endpoint endpoint = Endpoint.of("lines", "127.0.0.1", server.port());
    private ConnectionManager<Requests<String, String>> manager;

    private void open(int depth, UnaryOperator<ManagerBuilder<Requests<String, String>>> options) throws Exception {
        NettyConnectorBuilder connector = NettyConnector.builder()
                .resolver(resolver.name(Certificates.NAME, "127.0.0.1"))
                .addressRefresh(Duration.ofMillis(50))
                .tls(Certificates.clientContext());
        manager = options.apply(ConnectionManager.builder(connector.build(LINES.pipelined(depth)))
                        .maxOpenPerEndpoint(1))
                .build();
    }

    private void open(int depth) throws Exception {
        open(depth, options -> options);
    }

    @AfterEach
    void nothingIsLost() throws Exception {
        Closeables.closeAll(
                () -> {
                    await().until(() -> manager.snapshot().all().leases() == 0);
                    manager.close();
                    manager.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
                },
                server);
    }

    private Lease<Requests<String, String>> acquire() throws Exception {
        return get(manager.acquire(endpoint));
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    /** Two leases at the same time, each with its request and its own answer. */
    private void requestsOfTwoLeases(ScriptedServer.Peer peer) throws Exception {
        Lease<Requests<String, String>> one = acquire();
        Lease<Requests<String, String>> two = acquire();
        CompletableFuture<String> first = one.connection().send("one\n");
        CompletableFuture<String> second = two.connection().send("two\n");
        assertThat(peer.readLine()).isEqualTo("one");
        assertThat(peer.readLine()).isEqualTo("two");
        peer.send("ONE\nTWO\n");
        assertThat(get(first)).isEqualTo("ONE");
        assertThat(get(second)).isEqualTo("TWO");
        one.release();
        two.release();
    }

    @Test
    void overTlsLeasesShareAConnectionAsInTheClear() throws Exception {
        open(2);
        endpoint = Endpoint.of("https", Certificates.NAME, server.port());
        CompletableFuture<Lease<Requests<String, String>>> acquired = manager.acquire(endpoint);
        ScriptedServer.Peer peer = server.acceptTls(Certificates.good());
        get(acquired).release();
        requestsOfTwoLeases(peer);
        peer.close();
        await().until(() -> manager.snapshot().all().open() == 0);
        assertThat(manager.snapshot().totals().opened()).isEqualTo(1);
    }

    @Test
    void throughAProxyLeasesShareAConnectionAsWithoutOne() throws Exception {
        open(2);
        try (TestServer proxy = TestServer.tinyproxy()) {
            endpoint = endpoint.withProxy(Endpoint.of("http", "127.0.0.1", proxy.port()));
            CompletableFuture<Lease<Requests<String, String>>> acquired = manager.acquire(endpoint);
            ScriptedServer.Peer peer = server.accept();
            get(acquired).release();
            requestsOfTwoLeases(peer);
            manager.close();
        }
    }

    @Test
    void aSetupRunsOncePerConnectionAndBeforeAnyLease() throws Exception {
        open(2, options -> options.setup((connection, to) -> connection.send("LOGIN\n")));
        CompletableFuture<Lease<Requests<String, String>>> acquired = manager.acquire(endpoint);
        ScriptedServer.Peer peer = server.accept();
        assertThat(peer.readLine()).isEqualTo("LOGIN");
        assertThat(acquired).isNotDone();
        peer.send("OK\n");
        get(acquired).release();
        requestsOfTwoLeases(peer);
    }

    @Test
    void withAGreetingTheDialIsCompleteWhenItHasCome() throws Exception {
        manager = ConnectionManager.builder(
                        NettyConnector.builder().build(LINES.withGreeting().pipelined(2)))
                .build();
        CompletableFuture<Lease<Requests<String, String>>> acquired = manager.acquire(endpoint);
        ScriptedServer.Peer peer = server.accept();
        peer.send("220 wel");
        assertThat(acquired).isNotDone();
        peer.send("come\n");
        assertThat(get(get(acquired).connection().greeting())).isEqualTo("220 welcome");
        get(acquired).release();
        requestsOfTwoLeases(peer);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theNextLeaseBeginsWhenTheAnswersOfTheOneBeforeHaveCome(boolean released) throws Exception {
        open(1);
        Lease<Requests<String, String>> early = acquire();
        CompletableFuture<String> dropped = early.connection().send("one\n");
        ScriptedServer.Peer peer = server.accept();
        assertThat(peer.readLine()).isEqualTo("one");
        CompletableFuture<Lease<Requests<String, String>>> waits = manager.acquire(endpoint);
        assertThat(released ? early.release() : early.invalidate()).isTrue();
        lost(dropped);
        assertThat(waits).isNotDone();
        assertThat(manager.snapshot().all().leases()).isZero();
        peer.send("ONE\n");
        Lease<Requests<String, String>> next = get(waits);
        assertThat(next.origin()).isEqualTo(LeaseOrigin.DEFERRED);
        CompletableFuture<String> own = next.connection().send("two\n");
        assertThat(peer.readLine()).isEqualTo("two");
        peer.send("TWO\n");
        assertThat(get(own)).isEqualTo("TWO");
        next.release();
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void aPeerThatClosesFailsAllAndTheNextAcquireIsOnANewConnection() throws Exception {
        open(2);
        Lease<Requests<String, String>> one = acquire();
        Lease<Requests<String, String>> two = acquire();
        CompletableFuture<LeaseOrigin> retried = one.connection()
                .send("one\n")
                .handle((answer, failure) -> failure)
                .thenCompose(failure -> manager.acquire(endpoint))
                .thenApply(next -> {
                    next.release();
                    return next.origin();
                });
        CompletableFuture<String> second = two.connection().send("two\n");
        ScriptedServer.Peer peer = server.accept();
        peer.readLine();
        peer.readLine();
        peer.close();
        assertThat(lost(second).isUnsent()).isFalse();
        assertThat(get(retried)).isEqualTo(LeaseOrigin.NEW);
        one.release();
        two.release();
    }

    @Test
    void aSharedLeaseCannotBecomeAnotherEndpoints() throws Exception {
        open(2);
        Lease<Requests<String, String>> lease = acquire();
        assertThatThrownBy(() -> lease.releaseAs(endpoint.withTarget(Endpoint.of("other", "other.example", 1))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(lease.isEnded()).isFalse();
        assertThat(lease.releaseAs(endpoint)).isTrue();
    }

    @Test
    void aConnectionWhoseAddressIsGoneGetsNoFurtherLeases() throws Exception {
        open(2);
        endpoint = Endpoint.of("lines", "moves.test", server.port());
        Lease<Requests<String, String>> lease = acquire();
        ScriptedServer.Peer peer = server.accept();
        resolver.name("moves.test", "127.0.0.9");
        await().until(() -> manager.snapshot().all().leaving() == 1);
        CompletableFuture<String> answer = lease.connection().send("one\n");
        assertThat(peer.readLine()).isEqualTo("one");
        peer.send("ONE\n");
        assertThat(get(answer)).isEqualTo("ONE");
        lease.release();
        assertThat(peer.readAll()).as("closed after its last lease").isEmpty();
    }

    @Test
    void aLeakedLeaseIsTakenBackAndTheOthersGoOn() throws Exception {
        open(2);
        Lease<Requests<String, String>> other = acquire();
        leak();
        CompletableFuture<Lease<Requests<String, String>>> waits = manager.acquire(endpoint);
        await().until(() -> {
            System.gc();
            return waits.isDone();
        });
        assertThat(manager.snapshot().totals().leaked()).isEqualTo(1);
        CompletableFuture<String> answer = other.connection().send("one\n");
        ScriptedServer.Peer peer = server.accept();
        assertThat(peer.readLine()).isEqualTo("one");
        peer.send("ONE\n");
        assertThat(get(answer)).isEqualTo("ONE");
        other.release();
        waits.join().release();
        assertThat(server.connections()).isEqualTo(1);
    }

    private void leak() throws Exception {
        acquire().connection();
    }
}
