package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Budget;
import dev.keepalive.ConnectionListener;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.Limits;
import dev.keepalive.ManagerBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The options of a manager: their defaults, and how wrong values are refused. */
class ManagerOptionsTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);

    private final ManagerBuilder<FakeConnection> builder = ConnectionManager.builder(FakeConnector.prompt());

    @Test
    void theDefaultsAreAsDocumented() {
        assertThat(builder)
                .hasToString(
                        "maxOpen 128, maxOpenPerEndpoint 4, acquireTimeout PT2M, dialTimeout PT30S, idleTimeout PT15S");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    @Tag("F12")
    void aLimitThatIsNotPositiveIsRefusedWithItsNameAndValue(int limit) {
        assertThatThrownBy(() -> builder.maxOpen(limit))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxOpen " + limit + " is not allowed: at least 1");
        assertThatThrownBy(() -> builder.maxOpenPerEndpoint(limit))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxOpenPerEndpoint " + limit + " is not allowed: at least 1");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 101, Integer.MAX_VALUE})
    void aShareThatIsNoPercentageIsRefusedWithItsNameAndValue(int percent) {
        assertThatThrownBy(() -> builder.maxUnprovenPercent(percent))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxUnprovenPercent " + percent + " is not allowed: 1 to 100");
        assertThat(builder.maxUnprovenPercent(100)).asString().contains("maxUnprovenPercent 100");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S"})
    void aTimeThatIsNotPositiveIsRefusedWithItsNameAndValue(String text) {
        Duration time = Duration.parse(text);
        assertRefused("acquireTimeout", time, ManagerBuilder::acquireTimeout);
        assertRefused("dialTimeout", time, ManagerBuilder::dialTimeout);
        assertRefused("idleTimeout", time, ManagerBuilder::idleTimeout);
        assertRefused("lingerTimeout", time, ManagerBuilder::lingerTimeout);
        assertThatThrownBy(() -> AcquireRequest.to(A).withTimeout(time))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("timeout " + time + " is not allowed: more than zero");
    }

    private void assertRefused(String name, Duration time, BiConsumer<ManagerBuilder<?>, Duration> option) {
        assertThatThrownBy(() -> option.accept(builder, time))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(name + " " + time + " is not allowed: more than zero");
    }

    @Test
    @SuppressWarnings("NullAway")
    void nullIsRefusedWithTheNameOfTheParameter() {
        assertThatThrownBy(() -> builder.acquireTimeout(null)).hasMessage("acquireTimeout");
        assertThatThrownBy(() -> builder.dialTimeout(null)).hasMessage("dialTimeout");
        assertThatThrownBy(() -> builder.idleTimeout(null)).hasMessage("idleTimeout");
        assertThatThrownBy(() -> builder.name(null)).hasMessage("name");
        assertThatThrownBy(() -> builder.callbackExecutor(null)).hasMessage("callbackExecutor");
        assertThatThrownBy(() -> builder.listener(null)).hasMessage("listener");
        assertThatThrownBy(() -> builder.time(null)).hasMessage("time");
        assertThatThrownBy(() -> ConnectionManager.builder(null)).hasMessage("connector");
        assertThatThrownBy(() -> AcquireRequest.to(null)).hasMessage("endpoint");
        assertThatThrownBy(() -> AcquireRequest.to(A).withTimeout(null)).hasMessage("timeout");
    }

    @Test
    @SuppressWarnings("NullAway")
    void anInvalidAcquireIsRefusedAtOnceAndLosesNothing() {
        try (var manager = builder.maxOpenPerEndpoint(1).build()) {
            var request = AcquireRequest.to(A);
            assertThatThrownBy(() -> manager.acquire((AcquireRequest) null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> manager.acquire(request, null, lease -> {}, failure -> {}))
                    .hasMessage("executor");
            assertThatThrownBy(() -> manager.acquire(request, Runnable::run, null, failure -> {}))
                    .hasMessage("onLease");
            assertThatThrownBy(() -> manager.acquire(request, Runnable::run, lease -> {}, null))
                    .hasMessage("onFailure");
            assertThatThrownBy(() -> manager.use(A, null)).hasMessage("work");
            assertThatThrownBy(() -> manager.tryAcquire((Endpoint) null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> manager.acquire(Endpoint.of("unknown", "a", 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("unknown");
            assertThat(manager.snapshot().all().waiting()).isZero();
            assertThat(manager.snapshot().all().open()).isZero();
        }
    }

    @Test
    void aConnectorBelongsToOneManager() {
        FakeConnector connector = FakeConnector.prompt();
        try (var first = ConnectionManager.builder(connector).build()) {
            assertThatThrownBy(() -> ConnectionManager.builder(connector).build())
                    .isInstanceOf(IllegalStateException.class);
            assertThat(first.snapshot().all().open()).isZero();
        }
    }

    @Test
    @Tag("F12")
    void theSmallerLimitApplies() {
        ManualExecutor tasks = new ManualExecutor();
        FakeConnector connector = FakeConnector.prompt();
        var manager = ConnectionManager.builder(connector)
                .callbackExecutor(tasks)
                .maxOpen(2)
                .maxOpenPerEndpoint(Integer.MAX_VALUE)
                .build();
        for (int i = 0; i < 5; i++) {
            manager.acquire(A);
        }
        tasks.runAll();
        assertThat(connector.mostOpenLinks()).isEqualTo(2);
        manager.close();
        tasks.runAll();
    }

    @Test
    void aWrongLimitIsRefusedAndChangesNothingOfTheRunningManager() {
        ManualExecutor tasks = new ManualExecutor();
        ConnectionManager<FakeConnection> manager =
                builder.name("strict").maxOpen(7).callbackExecutor(tasks).build();
        Limits before = manager.snapshot().limits();

        assertThatThrownBy(() -> manager.maxOpen(0)).hasMessage("maxOpen 0 is not allowed: at least 1");
        assertThatThrownBy(() -> manager.maxOpenPerEndpoint(-1))
                .hasMessage("maxOpenPerEndpoint -1 is not allowed: at least 1");
        assertThatThrownBy(() -> manager.maxWaitingPerEndpoint(0))
                .hasMessage("maxWaitingPerEndpoint 0 is not allowed: at least 1");
        assertThatThrownBy(() -> manager.maxDialsPerEndpoint(0))
                .hasMessage("maxDialsPerEndpoint 0 is not allowed: at least 1");

        assertThat(manager.name()).isEqualTo("strict");
        assertThat(manager.snapshot().limits()).isEqualTo(before);
        assertThat(before.maxOpen()).isEqualTo(7);
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        assertThat(acquired).isCompleted();
        acquired.join().release();
        manager.close();
        tasks.runAll();
        assertThat(manager.closed()).isCompleted();
    }

    /** The line of the snapshot's text that has the limits and times. */
    private static String settingsOf(ConnectionManager<?> manager) {
        return manager.snapshot().toString().lines().skip(1).findFirst().orElseThrow();
    }

    @Test
    void aSetterCalledAfterBuildChangesNothingOfTheManager() {
        FakeTime time = new FakeTime();
        ManualExecutor tasks = new ManualExecutor();
        List<Optional<Throwable>> acquireSites = new ArrayList<>();
        builder.time(time).callbackExecutor(tasks).leakDetectionThreshold(Duration.ofSeconds(1));
        builder.listener(new ConnectionListener() {
            @Override
            public void leaseHeldTooLong(AcquireRequest request, Duration held, @Nullable Throwable acquiredAt) {
                acquireSites.add(Optional.ofNullable(acquiredAt));
            }
        });
        ConnectionManager<FakeConnection> manager = builder.build();
        String settings = settingsOf(manager);
        builder.name("another").maxOpen(1).acquireTimeout(Duration.ofMillis(1));
        builder.idleTimeout(Duration.ofMillis(1)).maxLifetime(Duration.ofMillis(1));
        builder.setup((connection, endpoint) -> CompletableFuture.failedFuture(new IllegalStateException("late")));
        builder.sampleAcquireSites(1).budget(Budget.of(1)).dialTimeout(Duration.ofMillis(1));

        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        assertThat(acquired).as("the setup of the changed builder does not run").isCompleted();
        time.advance(Duration.ofSeconds(2));
        tasks.runAll();

        assertThat(settingsOf(manager)).isEqualTo(settings);
        assertThat(manager.snapshot().name()).isEqualTo("keepalive");
        assertThat(acquireSites).as("no acquire site is recorded").containsExactly(Optional.empty());
        acquired.join().release();
        manager.close();
        tasks.runAll();
        assertThat(manager.closed()).isCompleted();
    }

    @Test
    @Tag("F12")
    void hugeLimitsCostNothing() {
        ManualExecutor tasks = new ManualExecutor();
        var manager = builder.callbackExecutor(tasks)
                .maxOpen(Integer.MAX_VALUE)
                .maxOpenPerEndpoint(Integer.MAX_VALUE)
                .build();
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        assertThat(acquired).isCompleted();
        manager.close();
        tasks.runAll();
    }

    @Test
    void managersAreIndependentOfEachOther() {
        ManualExecutor tasks = new ManualExecutor();
        FakeConnector one = FakeConnector.prompt();
        FakeConnector two = FakeConnector.prompt();
        var first = ConnectionManager.builder(one)
                .callbackExecutor(tasks)
                .maxOpen(1)
                .build();
        var second = ConnectionManager.builder(two)
                .callbackExecutor(tasks)
                .maxOpen(1)
                .build();
        CompletableFuture<Lease<FakeConnection>> ofFirst = first.acquire(A);
        CompletableFuture<Lease<FakeConnection>> ofSecond = second.acquire(A);
        tasks.runAll();
        assertThat(ofFirst).isCompleted();
        first.close();
        tasks.runAll();
        assertThat(one.openLinks()).isZero();
        assertThat(ofSecond.join().connection().link().isOpen()).isTrue();
        second.close();
        tasks.runAll();
    }
}
