package dev.keepalive.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Budget;
import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.Phase;
import dev.keepalive.Snapshot;
import dev.keepalive.netty.NettyConnection;
import dev.keepalive.netty.NettyConnector;
import dev.keepalive.testkit.FakeConnector;
import dev.keepalive.testkit.FakeTime;
import dev.keepalive.testkit.ManualExecutor;
import dev.keepalive.testkit.Replay;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Inet6Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The examples of the pages in docs, but for those about clients, and of CONTRIBUTING, each compiled as it stands
 * there, and run.
 */
class DocsExamplesTest {
    private PongServer server;
    private Endpoint endpoint;

    @BeforeEach
    void start() throws Exception {
        server = new PongServer();
        endpoint = Endpoint.parse(server.address());
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private String ping(ConnectionManager<NettyConnection> manager) throws Exception {
        return manager.blocking()
                .use(endpoint, lease -> Lines.call(lease.connection(), "PING").get());
    }

    // ---- docs/dialing-others.md

    static ConnectionManager<NettyConnection> managerForForeignHosts(Budget budget) {
        var connector = NettyConnector.builder()
                .addressFilter(address -> !address.isLoopbackAddress() // no way into your own network (SSRF)
                        && !address.isSiteLocalAddress()
                        && !address.isLinkLocalAddress()
                        && !address.isAnyLocalAddress()
                        && !address.isMulticastAddress()
                        && !(address instanceof Inet6Address ip && (ip.getAddress()[0] & 0xfe) == 0xfc)) // fc00::/7
                .build();
        return ConnectionManager.builder(connector)
                .maxOpen(64)
                .maxOpenPerEndpoint(2)
                .budget(budget) // shared with the program's other managers
                .dialTimeout(Duration.ofSeconds(3)) // a host that does not answer holds its place no longer
                .acquireTimeout(Duration.ofSeconds(5))
                .maxWaitingPerEndpoint(20)
                .maxUnprovenPercent(50) // half of the places for hosts that are known to work
                .build();
    }

    @Test
    void aManagerForForeignHostsRefusesThisHost() throws Exception {
        try (ConnectionManager<NettyConnection> manager = managerForForeignHosts(Budget.of(10))) {
            for (String host : List.of(endpoint.host(), "10.1.2.3", "192.168.0.1", "fd00::1", "0.0.0.0", "fe80::1")) {
                assertThatThrownBy(() -> manager.blocking().acquire(Endpoint.of("redis", host, endpoint.port())))
                        .isInstanceOf(AcquireException.DialFailed.class)
                        .hasMessageContaining("addressFilter");
            }
            assertThat(server.accepted()).isZero();
        }
    }

    // ---- docs/options.md

    static ConnectionManager<NettyConnection> manager() {
        var connector = NettyConnector.builder()
                .tcpKeepAlive(Duration.ofSeconds(30), Duration.ofSeconds(5), 3) // notices a peer that vanished
                .build();
        return ConnectionManager.builder(connector)
                .name("backend")
                .maxOpen(64) // in total
                .maxOpenPerEndpoint(8) // per host
                .maxWaitingPerEndpoint(1_000) // then refuse at once, instead of queueing for ever
                .acquireTimeout(Duration.ofSeconds(5)) // waiting, DNS, connecting and TLS together
                .dialTimeout(Duration.ofSeconds(2)) // one attempt to connect
                .idleTimeout(Duration.ofSeconds(30)) // keep-alive
                .maxLifetime(Duration.ofMinutes(30))
                .leakDetectionThreshold(Duration.ofMinutes(1))
                .build();
    }

    static ConnectionManager<NettyConnection> managerThatLogsIn(String password) {
        return ConnectionManager.builder(NettyConnector.create())
                .setup((connection, endpoint) -> Lines.call(connection, "AUTH " + password)
                        .thenAccept(reply -> {
                            if (!reply.equals("+OK")) {
                                throw new IllegalStateException("the server refused the password");
                            }
                        }))
                .build();
    }

    static Endpoint apiThroughProxy() {
        Endpoint proxy = Endpoint.parse("http://proxy.example:3128").withCredentials("proxy");
        return Endpoint.parse("https://api.example")
                .withProxy(proxy)
                .withIdentity("client") // NettyConnectorBuilder.identity("client", ...)
                .withProtocols("http/1.1");
    }

    @Test
    void theManagerWithManyOptionsWorks() throws Exception {
        try (ConnectionManager<NettyConnection> manager = manager()) {
            assertThat(ping(manager)).isEqualTo("+PONG");
            assertThat(manager.snapshot().name()).isEqualTo("backend");
            assertThat(manager.snapshot().limits().maxWaitingPerEndpoint()).isEqualTo(1_000);
        }
    }

    @Test
    void theSetupLogsInOncePerConnectionAndARefusalFailsTheDial() throws Exception {
        try (ConnectionManager<NettyConnection> right = managerThatLogsIn("secret");
                ConnectionManager<NettyConnection> wrong = managerThatLogsIn("guess")) {
            assertThat(ping(right)).isEqualTo("+PONG");
            assertThat(ping(right)).isEqualTo("+PONG");
            assertThatThrownBy(() -> ping(wrong))
                    .isInstanceOf(AcquireException.DialFailed.class)
                    .hasMessageContaining("setup error 0")
                    .hasMessageContaining("the server refused the password");
            assertThat(server.accepted()).isEqualTo(2);
        }
    }

    @Test
    void theEndpointHasItsParts() {
        assertThat(apiThroughProxy().toString())
                .contains("https://api.example:443", "identity client", "credentials proxy", "http/1.1");
    }

    // ---- docs/guarantees.md

    static List<ConnectionManager<NettyConnection>> managersThatShare() {
        Budget budget = Budget.ofDescriptors(500); // all that the process may open, but 500
        return List.of(
                ConnectionManager.builder(NettyConnector.create())
                        .budget(budget)
                        .name("api")
                        .build(),
                ConnectionManager.builder(NettyConnector.create())
                        .budget(budget)
                        .name("cache")
                        .build());
    }

    static boolean shutDown(ConnectionManager<NettyConnection> manager) throws Exception {
        boolean clean =
                manager.drain(Duration.ofSeconds(10)).toCompletableFuture().get();
        manager.closed().toCompletableFuture().get();
        return clean;
    }

    @Test
    void managersThatShareABudgetWorkAndEndCleanly() throws Exception {
        for (ConnectionManager<NettyConnection> manager : managersThatShare()) {
            assertThat(ping(manager)).isEqualTo("+PONG");
            assertThat(shutDown(manager)).isTrue();
        }
    }

    // ---- docs/watching.md

    static ConnectionManager<NettyConnection> managerThatFindsLeaks(ConnectionListener listener) {
        return ConnectionManager.builder(NettyConnector.create())
                .leakDetectionThreshold(Duration.ofSeconds(30))
                .sampleAcquireSites(1) // 1: every acquire, some microseconds each; 100: one in a hundred
                .listener(listener)
                .build();
    }

    static boolean isExhausted(ConnectionManager<?> manager, Endpoint endpoint) {
        Snapshot now = manager.snapshot();
        Counts counts = now.endpoints().get(endpoint); // null: no connection, no waiter
        return counts != null
                && counts.waiting() > 0
                && counts.leased() == now.limits().maxOpenPerEndpoint();
    }

    static String explain(AcquireException failure) {
        String where = failure.phase() == Phase.QUEUE ? "all connections were in use" : "stuck in " + failure.phase();
        return where + " after " + failure.timings().get(Phase.QUEUE).toMillis() + " ms: " + failure.getMessage();
    }

    static Map<String, Number> gauges(ConnectionManager<?> manager) {
        Snapshot now = manager.snapshot();
        return Map.of(
                "open", now.all().open(),
                "leased", now.all().leased(),
                "waiting", now.all().waiting(),
                "utilization", (double) now.all().leased() / now.limits().maxOpen(),
                "leaked", now.totals().leaked());
    }

    static ConnectionListener countingCloses(Map<CloseReason, LongAdder> closes) {
        return new ConnectionListener() {
            @Override
            public void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
                closes.computeIfAbsent(reason, any -> new LongAdder()).increment();
            }
        };
    }

    @Test
    void aLeakedLeaseIsToldWithThePlaceOfItsAcquire() throws Exception {
        AtomicReference<@Nullable Throwable> site = new AtomicReference<>();
        ConnectionListener listener = new ConnectionListener() {
            @Override
            public void leaseLeaked(AcquireRequest request, Duration held, @Nullable Throwable acquiredAt) {
                site.set(acquiredAt);
            }
        };
        try (ConnectionManager<NettyConnection> manager = managerThatFindsLeaks(listener)) {
            leak(manager);
            await().until(() -> {
                System.gc();
                return site.get() != null;
            });
            assertThat(site.get()).hasStackTraceContaining("DocsExamplesTest.leak");
        }
    }

    private void leak(ConnectionManager<NettyConnection> manager) throws Exception {
        assertThat(manager.blocking().acquire(endpoint).uses()).isEqualTo(1);
    }

    @Test
    void anExhaustedPoolIsSeenInTheSnapshotAndInTheFailure() throws Exception {
        try (ConnectionManager<NettyConnection> manager = ConnectionManager.builder(NettyConnector.create())
                .maxOpenPerEndpoint(1)
                .sampleAcquireSites(1)
                .build()) {
            Lease<NettyConnection> only = manager.blocking().acquire(endpoint);
            CompletableFuture<Lease<NettyConnection>> waiting = manager.acquire(endpoint);
            assertThat(isExhausted(manager, endpoint)).isTrue();
            assertThat(gauges(manager)).containsEntry("waiting", 1).containsEntry("leased", 1);

            AcquireRequest impatient = AcquireRequest.to(endpoint).withTimeout(Duration.ofMillis(100));
            AcquireException failure = catchThrowableOfType(
                    AcquireException.class, () -> manager.blocking().acquire(impatient));
            assertThat(explain(failure))
                    .startsWith("all connections were in use")
                    .contains("1 leased", "2 waiting", "acquired at", "DocsExamplesTest");

            only.release();
            assertThat(waiting.get().release()).isTrue();
            assertThat(isExhausted(manager, endpoint)).isFalse();
        }
    }

    @Test
    void closesAreCountedByTheirReason() throws Exception {
        Map<CloseReason, LongAdder> closes = new ConcurrentHashMap<>();
        try (ConnectionManager<NettyConnection> manager = ConnectionManager.builder(NettyConnector.create())
                .listener(countingCloses(closes))
                .build()) {
            manager.blocking().acquire(endpoint).close();
            await().until(() -> closes.containsKey(CloseReason.INVALIDATED));
        }
    }

    // ---- docs/cli.md

    static ConnectionManager<NettyConnection> managerThatRecords(OutputStream history) {
        return ConnectionManager.builder(NettyConnector.create())
                .recordHistory(history)
                .build();
    }

    @Test
    void aRecordedHistoryIsReplayed() throws Exception {
        ByteArrayOutputStream history = new ByteArrayOutputStream();
        ConnectionManager<NettyConnection> manager = managerThatRecords(history);
        assertThat(ping(manager)).isEqualTo("+PONG");
        assertThat(shutDown(manager)).isTrue();
        // The last portion may still be on its way to the stream.
        await().untilAsserted(() -> assertThat(Replay.of(new ByteArrayInputStream(history.toByteArray()))
                        .run())
                .isGreaterThan(3));
    }

    // ---- CONTRIBUTING.md

    static List<String> transcriptOf(FakeConnector connector, Endpoint endpoint) throws IOException {
        var history = new ByteArrayOutputStream();
        var tasks = new ManualExecutor(); // runs tasks when the test says so
        var time = new FakeTime(); // moves when the test says so
        var manager = ConnectionManager.builder(connector)
                .callbackExecutor(tasks)
                .time(time)
                .recordHistory(history)
                .build();
        manager.acquire(endpoint);
        tasks.runAll();
        connector.nextDial().succeed();
        time.advance(Duration.ofSeconds(2)); // the history is written at least every second
        tasks.runAll();

        var transcript = new ArrayList<String>();
        Replay.of(new ByteArrayInputStream(history.toByteArray()))
                .transcript(transcript::add)
                .run();
        return transcript;
    }

    @Test
    void aTestsManagerIsRecordedAndReplayed() throws Exception {
        assertThat(transcriptOf(FakeConnector.scripted(), endpoint))
                .contains("    dial 1 redis", "    waiter 1 gets 1 NEW");
    }
}
