package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.machine.history.EventKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A replay of a recorded history gives the machine the same events, and has the same effects. */
class ReplayTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);

    private final FakeConnector connector = FakeConnector.scripted();
    private final FakeTime time = new FakeTime();
    private final ManualExecutor tasks = new ManualExecutor();
    private final ByteArrayOutputStream recorded = new ByteArrayOutputStream();

    private ConnectionManager<FakeConnection> recording(OutputStream stream) {
        return ConnectionManager.builder(connector)
                .maxOpen(100)
                .maxOpenPerEndpoint(1)
                .callbackExecutor(tasks)
                .time(time)
                .recordHistory(stream)
                .build();
    }

    @Test
    void aHangCanBeReplayed() throws Exception {
        ConnectionManager<FakeConnection> manager = recording(recorded);
        manager.acquire(A);
        tasks.runAll();
        connector.nextDial().succeed();
        manager.acquire(A);
        manager.acquire(Endpoint.of("line", "b", 2));
        time.advance(Duration.ofSeconds(2));
        tasks.runAll();

        List<String> transcript = new ArrayList<>();
        Replay replay =
                Replay.of(new ByteArrayInputStream(recorded.toByteArray())).transcript(transcript::add);
        replay.run();

        assertThat(replay.counts()).isEqualTo(manager.snapshot().all());
        assertThat(replay.countsByEndpoint()).isEqualTo(manager.snapshot().endpoints());
        assertThat(transcript).contains("    dial 1 line", "    waiter 1 gets 1 NEW", "    dial 2 line");
    }

    @Test
    void aLongAndEventfulHistoryGivesTheSameEffects() throws Exception {
        ConnectionManager<FakeConnection> manager = recording(recorded);
        new RandomCalls(manager, new Random(7)).run(8_000);
        manager.close();
        tasks.runAll();
        connector.dials().forEach(dial -> dial.fail(new IOException("the test is over")));
        tasks.runAll();

        long events =
                Replay.of(new ByteArrayInputStream(recorded.toByteArray())).run();

        assertThat(events).isGreaterThan(5_000);
        assertThat(recorded.size()).as("bytes for %s events", events).isLessThan((int) events * 16);
    }

    @Test
    void aHistoryWithOtherEffectsIsRefused() throws Exception {
        ConnectionManager<FakeConnection> manager = recording(recorded);
        new RandomCalls(manager, new Random(8)).run(200);
        time.advance(Duration.ofSeconds(1));
        tasks.runAll();
        byte[] bytes = recorded.toByteArray();
        bytes[1] = 2; // maxOpen was 100

        assertThatThrownBy(() -> Replay.of(new ByteArrayInputStream(bytes)).run())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the recording has other effects");
    }

    @Test
    void aStreamThatIsNoHistoryIsRefused() {
        assertThatThrownBy(() -> Replay.of(new ByteArrayInputStream("hello".getBytes())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not a history");
    }

    @Test
    void aHistoryOfAnotherVersionIsRefusedAndBothVersionsAreNamed() throws IOException {
        byte[] later = stored("version-5.history");
        later[0]++;
        assertThatThrownBy(() -> Replay.of(new ByteArrayInputStream(later)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 6")
                .hasMessageContaining("the only version that can be read is 5");
    }

    @Test
    void aStoredHistoryGivesTheSameEffects() throws IOException {
        List<String> transcript = new ArrayList<>();
        byte[] history = stored("version-5.history");
        Replay.of(new ByteArrayInputStream(history)).transcript(transcript::add).run();

        String all = String.join("\n", transcript);
        for (EventKind kind : EventKind.values()) {
            assertThat(all).contains(": " + kind + " ");
        }
        for (CloseReason reason : EnumSet.complementOf(EnumSet.of(CloseReason.IDLE_TIMEOUT, CloseReason.LIFETIME))) {
            assertThat(all).containsPattern(" gone \\d+ " + reason);
        }
        assertThat(all)
                .containsPattern("gets \\d+ DEFERRED")
                .containsPattern("gets \\d+ NEW")
                .contains("fails TIMED_OUT", "fails QUEUE_FULL", "fails CLOSED")
                .contains(" close overdue ", " lingers ", " held too long ", " stop ", " finished")
                .contains(" cancel permit request ", " return permit ", " request permit ");
    }

    @Test
    void theSameEventsAreRecordedAsTheSameBytes() throws IOException {
        assertThat(EventfulScript.history()).isEqualTo(stored("version-5.history"));
    }

    @Test
    void endpointsOfAStoredHistoryAreTheSameEndpoints() throws IOException {
        Replay replay = Replay.of(new ByteArrayInputStream(stored("version-5-endpoints.history")));
        replay.run();
        assertThat(replay.countsByEndpoint().keySet()).containsExactlyInAnyOrderElementsOf(endpoints());
    }

    /** Endpoints that together have each part that an endpoint may have. */
    private static List<Endpoint> endpoints() throws IOException {
        Endpoint b = Endpoint.of("line", "b", 2);
        Endpoint proxy = Endpoint.of("http", "proxy", 3128).withCredentials("door");
        return List.of(
                A,
                A.withTls("other"),
                A.withIdentity("me"),
                A.withProtocols("h2", "http/1.1"),
                A.withProxy(proxy.withTls().withProxy(proxy)),
                A.withLocalAddress(InetAddress.getByName("127.0.0.1")),
                A.withTarget(b),
                A.withOwner("owner"),
                Endpoint.unix("line", Path.of("/run/a b.socket")));
    }

    private static byte[] stored(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(ReplayTest.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        }
    }

    @Test
    void aHistoryThatWasCutOffIsRefused() throws Exception {
        ConnectionManager<FakeConnection> manager = recording(recorded);
        manager.acquire(A);
        tasks.runAll();
        connector.nextDial().succeed();
        time.advance(Duration.ofSeconds(1));
        tasks.runAll();
        byte[] bytes = recorded.toByteArray();

        Replay cutOff = Replay.of(new ByteArrayInputStream(Arrays.copyOf(bytes, bytes.length - 1)));
        assertThatThrownBy(cutOff::run).isInstanceOf(EOFException.class);
    }

    @Test
    void aStreamThatThrowsEndsTheHistoryAndNothingElse() throws Exception {
        ConnectionManager<FakeConnection> manager = recording(new OutputStream() {
            @Override
            public void write(int each) throws IOException {
                throw new IOException("disk full");
            }
        });
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        connector.nextDial().succeed();
        time.advance(Duration.ofSeconds(1));
        tasks.runAll();
        assertThat(acquired.join().release()).isTrue();
        assertThat(manager.snapshot().all().idle()).isOne();
    }

    /** Calls a manager, and answers for the connector, at random. */
    private final class RandomCalls {
        private final ConnectionManager<FakeConnection> manager;
        private final Random random;
        private final List<CompletableFuture<Lease<FakeConnection>>> acquired = new ArrayList<>();

        RandomCalls(ConnectionManager<FakeConnection> manager, Random random) {
            this.manager = manager;
            this.random = random;
        }

        void run(int steps) {
            for (int i = 0; i < steps; i++) {
                step();
            }
        }

        private void step() {
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> acquired.add(manager.acquire(Endpoint.of("line", "h" + random.nextInt(3), 1)));
                case 3 -> manager.tryAcquire(Endpoint.of("line", "h" + random.nextInt(4), 1));
                case 4, 5, 6 -> end();
                case 7 ->
                    connector.dials().stream()
                            .skip(Math.max(0, connector.dials().size() - 3))
                            .forEach(dial -> {
                                if (random.nextInt(3) == 0) {
                                    dial.refuse();
                                } else {
                                    dial.succeed();
                                }
                            });
                case 8 -> manager.maxOpen(1 + random.nextInt(4));
                case 9 -> manager.evict(endpoint -> random.nextBoolean());
                case 10 -> time.advance(Duration.ofMillis(random.nextInt(500)));
                default -> tasks.runAll();
            }
        }

        private void end() {
            if (acquired.isEmpty()) {
                return;
            }
            CompletableFuture<Lease<FakeConnection>> one = acquired.remove(random.nextInt(acquired.size()));
            if (!one.isDone()) {
                one.cancel(false);
            } else if (!one.isCompletedExceptionally()) {
                if (random.nextBoolean()) {
                    one.join().release();
                } else {
                    one.join().invalidate(null);
                }
            }
        }
    }
}
