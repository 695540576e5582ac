package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.keepalive.AcquireException;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Name servers that give thousands of addresses, counted at the operating system. Linux only. */
class HostileNamesTest {
    private static final int NAMES = 4;

    private static FakeResolver thousandsOfAddresses() {
        FakeResolver names = new FakeResolver();
        for (int name = 1; name <= NAMES; name++) {
            int second = name;
            names.name(
                    "name" + name + ".test",
                    IntStream.range(0, 4_000)
                            .mapToObj(i -> "127." + second + "." + i / 250 + "." + (1 + i % 250))
                            .toArray(String[]::new));
        }
        return names;
    }

    private static ConnectionManager<NettyConnection> manager() {
        return ConnectionManager.builder(NettyConnector.builder()
                        .resolver(thousandsOfAddresses())
                        .build())
                .maxOpen(NAMES)
                .dialTimeout(Duration.ofMillis(1_500))
                .build();
    }

    private static List<CompletableFuture<?>> acquireFromAll(ConnectionManager<NettyConnection> manager, int port) {
        List<CompletableFuture<?>> acquires = new ArrayList<>();
        for (int name = 1; name <= NAMES; name++) {
            acquires.add(manager.acquire(Endpoint.of("test", "name" + name + ".test", port)));
        }
        return acquires;
    }

    @Test
    void aDialToThousandsOfSilentAddressesHasThreeSockets() throws Exception {
        assumeThat(Files.exists(Path.of("/proc/net/tcp"))).as("tables of Linux").isTrue();
        try (FullBacklog silent = new FullBacklog("0.0.0.0", 0);
                ConnectionManager<NettyConnection> manager = manager()) {
            int port = silent.endpoint().port();
            long before = SocketStats.connectionsTo(port, SocketStats.State.SYN_SENT);
            List<CompletableFuture<?>> acquires = acquireFromAll(manager, port);
            long most = 0;
            while (!acquires.stream().allMatch(CompletableFuture::isDone)) {
                most = Math.max(most, SocketStats.connectionsTo(port, SocketStats.State.SYN_SENT) - before);
            }
            // One more for each dial: the table is read while one socket takes the place of another.
            assertThat(most).isBetween((long) NAMES, 3L * NAMES + NAMES);
            for (CompletableFuture<?> acquire : acquires) {
                assertThat(PoeRig.failed(acquire)).isInstanceOf(AcquireException.class);
            }
        }
    }

    @Test
    void aDialToThousandsOfAddressesThatRefuseTriesSixteenAndTellsEight() throws Exception {
        int port;
        try (ScriptedServer gone = ScriptedServer.start()) {
            port = gone.port();
        }
        try (ConnectionManager<NettyConnection> manager = manager()) {
            for (CompletableFuture<?> acquire : acquireFromAll(manager, port)) {
                AcquireException failure = PoeRig.failed(acquire);
                Throwable dial = failure.getCause();
                assertThat(dial.getSuppressed()).hasSize(8);
                assertThat(dial.getSuppressed()[7]).hasMessageContaining("8 more addresses failed");
            }
        }
    }
}
