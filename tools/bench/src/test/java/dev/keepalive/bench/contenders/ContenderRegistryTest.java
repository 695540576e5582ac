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

/** Each contender has the features that its entry says. */
@Timeout(20)
final class ContenderRegistryTest {
    static Stream<Arguments> all() {
        return able();
    }

    static Stream<Arguments> keyed() {
        return able(PoolFeature.KEYED);
    }

    static Stream<Arguments> queueing() {
        return able(PoolFeature.ASYNC);
    }

    static Stream<Arguments> shared() {
        return able(PoolFeature.THREAD_SAFE);
    }

    private static Stream<Arguments> able(PoolFeature... needed) {
        return ContenderRegistry.all().stream()
                .filter(entry -> entry.has(needed))
                .map(entry -> arguments(entry.name(), entry));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void aThousandCyclesUseTheSameConnection(String name, ContenderEntry entry) {
        Set<Object> connections = new HashSet<>();
        try (PoolAdapter pool = entry.make(PoolConfig.of(1, 1))) {
            confined(pool, () -> {
                for (int i = 0; i < 1000; i++) {
                    cycle(pool, 0, connections);
                }
            });
        }
        assertThat(connections).hasSize(1);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void aLeasedConnectionIsNotLeasedAgain(String name, ContenderEntry entry) {
        Set<Object> connections = new HashSet<>();
        try (PoolAdapter pool = entry.make(PoolConfig.of(1, 8))) {
            confined(pool, () -> {
                List<Object> leases = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    leases.add(pool.acquire(0));
                    connections.add(pool.connection(leases.get(i)));
                }
                leases.forEach(lease -> pool.release(0, lease));
            });
        }
        assertThat(connections).hasSize(8);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("keyed")
    void eachEndpointHasConnectionsOfItsOwn(String name, ContenderEntry entry) {
        Set<Object> connections = new HashSet<>();
        try (PoolAdapter pool = entry.make(PoolConfig.of(10, 1))) {
            confined(pool, () -> {
                for (int i = 0; i < 100; i++) {
                    cycle(pool, i % 10, connections);
                }
            });
        }
        assertThat(connections).hasSize(10);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("queueing")
    void aReleaseServesTheWaiterThatWasNotWithdrawn(String name, ContenderEntry entry) throws Exception {
        Queue<Object> served = new ConcurrentLinkedQueue<>();
        CompletableFuture<Object> last = new CompletableFuture<>();
        CompletableFuture<Object> first = new CompletableFuture<>();
        try (PoolAdapter pool = entry.make(PoolConfig.of(1, 1))) {
            confined(pool, () -> {
                Object lease = pool.acquire(0);
                first.complete(pool.connection(lease));
                Object waiter = pool.acquireAsync(0, served::add);
                pool.acquireAsync(0, last::complete);
                pool.withdraw(0, waiter);
                pool.release(0, lease);
            });
            Object connection = pool.connection(last.get(10, TimeUnit.SECONDS));
            assertThat(connection).isSameAs(first.get());
            assertThat(served).isEmpty();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("shared")
    void severalThreadsNeverHoldTheSameConnection(String name, ContenderEntry entry) throws Exception {
        Map<Object, Object> held = new ConcurrentHashMap<>();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try (PoolAdapter pool = entry.make(PoolConfig.of(1, 4))) {
            Callable<Object> cycles = () -> {
                for (int i = 0; i < 1000; i++) {
                    Object lease = pool.acquire(0);
                    Object connection = pool.connection(lease);
                    assertThat(held.put(connection, lease)).isNull();
                    held.remove(connection);
                    pool.release(0, lease);
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
        assertThatThrownBy(() -> ContenderRegistry.named("unknown"))
                .hasMessageContaining("'unknown'")
                .hasMessageContaining("keepalive");
    }

    private static void cycle(PoolAdapter pool, int endpoint, Set<Object> connections) throws Exception {
        Object lease = pool.acquire(endpoint);
        connections.add(pool.connection(lease));
        pool.release(endpoint, lease);
    }

    private static void confined(PoolAdapter pool, CheckedSteps steps) {
        pool.confine(() -> {
            try {
                steps.run();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    /** Steps that may throw. */
    @FunctionalInterface
    private interface CheckedSteps {
        void run() throws Exception;
    }
}
