package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.testkit.LeakCheck;
import dev.keepalive.testservers.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The program that {@link FaultsOfHostTest} runs in environments that a shell prepares. Its argument names the case. It
 * throws if the case fails.
 */
final class HostFaultsProgram {
    private static final int LOST_PORT = 50_003;

    private HostFaultsProgram() {}

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "descriptors" -> descriptorsRunOut(Integer.parseInt(arguments[1]));
            case "ports" -> portsRunOut();
            case "bound-ports" -> portsOfAnAddressRunOut();
            case "half-open" -> halfOpenWhileIdle();
            case "half-open-end" -> halfOpenAtItsEnd();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.out.println("OK");
    }

    // ---- exhausted resources

    private static void descriptorsRunOut(int port) throws Exception {
        loadAllClasses();
        try (var manager = ConnectionManager.builder(NettyConnector.create())
                .maxOpen(500)
                .maxOpenPerEndpoint(500)
                .build()) {
            Endpoint first = at("first", port);
            List<Lease<NettyConnection>> held = new ArrayList<>();
            AcquireException failure = acquireUntilFailure(manager, first, held);
            System.out.println("FAILURE " + text(failure));
            assertThat(held).hasSizeBetween(10, 80);
            assertThat(manager.snapshot().all().open()).isEqualTo(held.size());

            held.forEach(Lease::release);
            Lease<NettyConnection> other = manager.blocking().acquire(at("other", port));
            SocketManagerRig.exchange(other);
            assertThat(other.release()).isTrue();
            assertThat(manager.snapshot().all().idle())
                    .as("an idle connection was evicted")
                    .isBetween(2, held.size());
            assertSound(manager, at("new", port), 10, 4);
        }
    }

    /** The system has four local ports for each remote address and port. */
    private static void portsRunOut() throws Exception {
        try (CountingServer server = new CountingServer(50_001);
                var manager = ConnectionManager.builder(NettyConnector.create())
                        .maxOpenPerEndpoint(8)
                        .build()) {
            List<Lease<NettyConnection>> held = new ArrayList<>();
            System.out.println("FAILURE " + text(acquireUntilFailure(manager, at("first", 50_001), held)));
            assertThat(held).hasSize(4);
            List<Lease<NettyConnection>> others = new ArrayList<>();
            acquireUntilFailure(manager, Endpoint.of("line", "127.0.0.2", 50_001), others);
            assertThat(others)
                    .as("another remote address has local ports of its own")
                    .hasSize(4);
            others.forEach(Lease::release);
            held.forEach(Lease::release);
            Lease<NettyConnection> again = manager.blocking().acquire(at("first", 50_001));
            assertThat(again.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
            SocketManagerRig.exchange(again);
            again.release();
            assertThat(server.mostOpen()).isEqualTo(8);
            morePorts();
            assertSound(manager, at("first", 50_001), 3, 1);
        }
    }

    private static void portsOfAnAddressRunOut() throws Exception {
        try (CountingServer server = new CountingServer(50_002);
                var manager = ConnectionManager.builder(NettyConnector.builder()
                                .bindAddress("127.0.0.7")
                                .build())
                        .maxOpenPerEndpoint(8)
                        .build()) {
            List<Lease<NettyConnection>> held = new ArrayList<>();
            System.out.println("FAILURE " + text(acquireUntilFailure(manager, at("first", 50_002), held)));
            assertThat(held).hasSize(4);
            assertThat(server.mostOpen()).isEqualTo(4);
            held.forEach(Lease::release);
            assertThat(manager.blocking().acquire(at("first", 50_002)).release())
                    .isTrue();
            morePorts();
            assertSound(manager, at("first", 50_002), 3, 1);
        }
    }

    /** A connection that this side closed first keeps its port for a minute. */
    private static void morePorts() {
        ChildJvm.change("echo '41000 41999' > /proc/sys/net/ipv4/ip_local_port_range");
    }

    private static AcquireException acquireUntilFailure(
            ConnectionManager<NettyConnection> manager, Endpoint endpoint, List<Lease<NettyConnection>> held)
            throws InterruptedException {
        for (int i = 0; i < 100; i++) {
            try {
                held.add(manager.blocking().acquire(endpoint));
            } catch (AcquireException failure) {
                return failure;
            }
        }
        throw new AssertionError("no acquire failed");
    }

    private static String text(AcquireException failure) {
        return failure.phase() + " error " + failure.errorNumber() + ": " + failure.errorText();
    }

    /** Loads all classes while there are descriptors for it. */
    private static void loadAllClasses() throws Exception {
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path folder = Path.of(entry);
            if (Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.walk(folder)) {
                    for (Path file : files.filter(file -> file.toString().endsWith(".class"))
                            .toList()) {
                        load(folder.relativize(file).toString());
                    }
                }
            }
        }
        // No folder and no archive has this class, so the search for it has opened all of them.
        load("no/such/Type.class");
        try (var manager = ConnectionManager.builder(NettyConnector.create()).build();
                ServerSocket unused = new ServerSocket(0)) {
            Endpoint refused = at("refused", unused.getLocalPort());
            unused.close();
            try {
                manager.blocking().acquire(refused);
            } catch (AcquireException expected) {
                text(expected);
            }
        }
    }

    private static void load(String file) {
        String name = file.replace(".class", "").replace('/', '.');
        try {
            Class.forName(name, false, HostFaultsProgram.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError notNeeded) {
            // it needs another JDK, or a library that is missing
        }
    }

    // ---- a network that drops packets

    private static void halfOpenWhileIdle() throws Exception {
        Queue<CloseReason> closed = new ConcurrentLinkedQueue<>();
        try (ScriptedServer lost = ScriptedServer.start("127.0.0.1", LOST_PORT);
                CountingServer server = new CountingServer(50_001);
                var manager = ConnectionManager.builder(NettyConnector.builder()
                                .tcpKeepAlive(Duration.ofSeconds(1), Duration.ofSeconds(1), 2)
                                .build())
                        .idleTimeout(Duration.ofMinutes(10))
                        .listener(recording(closed))
                        .build()) {
            Endpoint gone = at("gone", LOST_PORT);
            manager.blocking().acquire(gone).release();
            lost.accept();
            dropPackets();
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(closed).containsExactly(CloseReason.PEER_CLOSED));
            assertThat(manager.snapshot().all().open()).isZero();
            stopDroppingPackets();
            Lease<NettyConnection> next = manager.blocking().acquire(gone);
            assertThat(next.origin()).isEqualTo(LeaseOrigin.NEW);
            next.invalidate();
            assertSound(manager, server.endpoint(), 128, 4);
        }
    }

    private static void halfOpenAtItsEnd() throws Exception {
        Queue<CloseReason> closed = new ConcurrentLinkedQueue<>();
        try (ScriptedServer lost = ScriptedServer.start("127.0.0.1", LOST_PORT);
                CountingServer server = new CountingServer(50_001);
                var manager = ConnectionManager.builder(NettyConnector.create())
                        .idleTimeout(Duration.ofMinutes(10))
                        .listener(recording(closed))
                        .build()) {
            manager.blocking().acquire(at("idle", LOST_PORT)).release();
            Lease<NettyConnection> written = manager.blocking().acquire(at("written", LOST_PORT));
            Lease<NettyConnection> released = manager.blocking().acquire(at("released", LOST_PORT));
            dropPackets();
            FrameStream<String> frames = written.connection().start(new RecordingListener<>());
            frames.send("lost").toCompletableFuture().get(20, TimeUnit.SECONDS);
            manager.evict(endpoint -> endpoint.scheme().equals("idle"));
            written.invalidate();
            released.release();
            manager.evict(endpoint -> endpoint.scheme().equals("released"));
            await().untilAsserted(() -> assertThat(closed)
                    .containsExactlyInAnyOrder(CloseReason.RETIRED, CloseReason.INVALIDATED, CloseReason.RETIRED));
            assertThat(manager.snapshot().all().open()).isZero();
            assertSound(manager, server.endpoint(), 128, 4);
        }
    }

    private static void dropPackets() {
        ChildJvm.change("nft add table inet t"
                + " && nft 'add chain inet t o { type filter hook output priority 0; }'"
                + " && nft add rule inet t o tcp dport " + LOST_PORT + " drop"
                + " && nft add rule inet t o tcp sport " + LOST_PORT + " drop");
    }

    private static void stopDroppingPackets() {
        ChildJvm.change("nft delete table inet t");
    }

    private static ConnectionListener recording(Queue<CloseReason> closed) {
        return new ConnectionListener() {
            @Override
            public void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
                closed.add(reason);
            }
        };
    }

    // ---- checks

    private static Endpoint at(String scheme, int port) {
        return Endpoint.of(scheme, "127.0.0.1", port);
    }

    /** Checks that the manager works within these limits, and that nothing is left after its close. */
    private static void assertSound(
            ConnectionManager<NettyConnection> manager, Endpoint endpoint, int maxOpen, int maxOpenPerEndpoint)
            throws IOException {
        manager.maxOpen(maxOpen);
        manager.maxOpenPerEndpoint(maxOpenPerEndpoint);
        manager.evict(any -> true);
        await().until(() -> manager.snapshot().all().open() == 0);
        LeakCheck<NettyConnection> leakCheck = LeakCheck.of(manager)
                .limits(maxOpen, maxOpenPerEndpoint)
                .endpoints(i -> at(endpoint.scheme() + i, endpoint.port()));
        leakCheck.check();
        manager.close();
        leakCheck.checkClosed();
    }
}
