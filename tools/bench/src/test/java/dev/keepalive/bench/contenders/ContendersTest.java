package dev.keepalive.bench.contenders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each contender does what its entry in the register says. */
@Timeout(20)
final class ContendersTest {
    static Stream<Arguments> all() {
        return able();
    }

    static Stream<Arguments> keyed() {
        return able(Ability.KEYS);
    }

    static Stream<Arguments> queueing() {
        return able(Ability.QUEUES);
    }

    static Stream<Arguments> shared() {
        return able(Ability.SHARED);
    }

    private static Stream<Arguments> able(Ability... needed) {
        return Contenders.all().stream()
                .filter(entrant -> entrant.can(needed))
                .map(entrant -> arguments(entrant.name(), entrant));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void aThousandCyclesUseTheSameConnection(String name, Entrant entrant) {
        Set<Object> connections = new HashSet<>();
        try (Contender contender = entrant.make(Setting.of(1, 1))) {
            confined(contender, () -> {
                for (int i = 0; i < 1000; i++) {
                    cycle(contender, 0, connections);
                }
            });
        }
        assertThat(connections).hasSize(1);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void whatIsLeasedIsNotLeasedAgain(String name, Entrant entrant) {
        Set<Object> connections = new HashSet<>();
        try (Contender contender = entrant.make(Setting.of(1, 8))) {
            confined(contender, () -> {
                List<Object> leases = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    leases.add(contender.acquire(0));
                    connections.add(contender.connection(leases.get(i)));
                }
                leases.forEach(lease -> contender.release(0, lease));
            });
        }
        assertThat(connections).hasSize(8);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("keyed")
    void eachEndpointHasConnectionsOfItsOwn(String name, Entrant entrant) {
        Set<Object> connections = new HashSet<>();
        try (Contender contender = entrant.make(Setting.of(10, 1))) {
            confined(contender, () -> {
                for (int i = 0; i < 100; i++) {
                    cycle(contender, i % 10, connections);
                }
            });
        }
        assertThat(connections).hasSize(10);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("queueing")
    void whoWaitsGetsWhatIsReleasedAndWhoGaveUpGetsNothing(String name, Entrant entrant) throws Exception {
        Queue<Object> served = new ConcurrentLinkedQueue<>();
        CompletableFuture<Object> last = new CompletableFuture<>();
        CompletableFuture<Object> first = new CompletableFuture<>();
        try (Contender contender = entrant.make(Setting.of(1, 1))) {
            confined(contender, () -> {
                Object lease = contender.acquire(0);
                first.complete(contender.connection(lease));
                Object place = contender.queue(0, served::add);
                contender.queue(0, last::complete);
                contender.withdraw(0, place);
                contender.release(0, lease);
            });
            Object connection = contender.connection(last.get(10, TimeUnit.SECONDS));
            assertThat(connection).isSameAs(first.get());
            assertThat(served).isEmpty();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("shared")
    void severalThreadsNeverHoldTheSameConnection(String name, Entrant entrant) throws Exception {
        Map<Object, Object> held = new ConcurrentHashMap<>();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try (Contender contender = entrant.make(Setting.of(1, 4))) {
            Callable<Object> cycles = () -> {
                for (int i = 0; i < 1000; i++) {
                    Object lease = contender.acquire(0);
                    Object connection = contender.connection(lease);
                    assertThat(held.put(connection, lease)).isNull();
                    held.remove(connection);
                    contender.release(0, lease);
                }
                return null;
            };
            for (Future<Object> done : threads.invokeAll(List.of(cycles, cycles), 30, TimeUnit.SECONDS)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void anUnknownNameIsRefusedWithTheListOfAll() {
        assertThatThrownBy(() -> Contenders.named("nobody"))
                .hasMessageContaining("'nobody'")
                .hasMessageContaining("keepalive");
    }

    private static void cycle(Contender contender, int endpoint, Set<Object> connections) throws Exception {
        Object lease = contender.acquire(endpoint);
        connections.add(contender.connection(lease));
        contender.release(endpoint, lease);
    }

    private static void confined(Contender contender, Steps steps) {
        contender.confine(() -> {
            try {
                steps.run();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    /** What may fail. */
    @FunctionalInterface
    private interface Steps {
        void run() throws Exception;
    }
}
