package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@link LeakCheck}, which ends the tests of the fault catalogue, passes and fails where it should. */
class LeakCheckTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);

    private final FakeTime time = new FakeTime();
    private final ManualExecutor tasks = new ManualExecutor();
    private final FakeConnector connector = FakeConnector.prompt();
    private final ConnectionManager<FakeConnection> manager = ConnectionManager.builder(connector)
            .maxOpen(3)
            .maxOpenPerEndpoint(2)
            .callbackExecutor(tasks)
            .time(time)
            .build();

    @Test
    void aManagerThatWasUsedAndIsAtRestPasses() {
        lease().release();
        check(3, 2).check();
        manager.close();
        tasks.runAll();
        check(3, 2).checkClosed();
    }

    @Test
    void withoutAStepTheCheckWaitsForOtherThreads() throws Exception {
        try (var threaded = ConnectionManager.builder(FakeConnector.prompt())
                .maxOpen(3)
                .maxOpenPerEndpoint(2)
                .build()) {
            threaded.blocking().acquire(A).release();
            LeakCheck.of(threaded).limits(3, 2).check();
            threaded.close();
            LeakCheck.of(threaded).checkClosed();
        }
    }

    @Test
    void aLeaseThatIsNotEndedIsNoticed() {
        lease();
        fails(check(3, 2), "not at rest before");
    }

    @Test
    void aLostPermitOfAnEndpointIsNoticed() {
        fails(check(3, 3), "acquire 3 of 3 for one endpoint is not served: a permit is lost");
    }

    @Test
    void aLostPermitOfTheTotalLimitIsNoticed() {
        fails(check(4, 2), "acquire 4 of 4 over many endpoints is not served: a permit is lost");
    }

    @Test
    void anInventedPermitOfAnEndpointIsNoticed() {
        fails(check(3, 1), "one more did not have to wait: a permit is invented");
    }

    @Test
    void anInventedPermitOfTheTotalLimitIsNoticed() {
        fails(check(2, 1), "with all 1 taken for line://leak-check-0:1, one more did not have to wait");
        tasks.runAll();
    }

    @Test
    void aConnectionThatOnlyTheOtherSideCountsIsNoticed() {
        lease().release();
        fails(check(3, 2).countedBy("the server", () -> 2), "before, the server counts differently");
    }

    @Test
    void moreOpenThanTheLimitIsNoticed() {
        fails(check(3, 2).highWater(() -> 4), "the connector saw more open than maxOpen");
        fails(check(3, 2).highWaterPerEndpoint(() -> 3), "the connector saw more open than maxOpenPerEndpoint");
    }

    @Test
    void aFailureIsNoticedAndItsCauseKept() {
        FakeConnector refusing = FakeConnector.scripted();
        var other = ConnectionManager.builder(refusing).callbackExecutor(tasks).build();
        Runnable refuse = () -> {
            refusing.dials().forEach(dial -> dial.fail(new IllegalStateException("the dial failed")));
            tasks.runAll();
        };
        assertThatThrownBy(() -> LeakCheck.of(other).stepWith(refuse).check())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("acquire 1 of 4 for one endpoint failed")
                .hasRootCauseMessage("the dial failed");
    }

    @Test
    void aConnectionLeftAfterTheIdleTimeoutIsNoticed() {
        fails(check(3, 2).advanceIdleTime(() -> {}), "something is left after the idle timeout");
    }

    @Test
    void aManagerThatIsNotClosedFailsTheCheckOfAClosedOne() {
        assertThatThrownBy(check(3, 2)::checkClosed).hasMessageContaining("the end was not reported");
    }

    @Test
    void allLeasesOfSharedConnectionsAreAcquired() {
        connector.sharing(3);
        check(3, 2).check();
        assertThat(manager.snapshot().totals().immediate()
                        + manager.snapshot().totals().deferred()
                        + manager.snapshot().totals().created())
                .as("two connections and three, with three leases each, and one more for each that waits")
                .isEqualTo(6 + 1 + 9 + 1);
    }

    @Test
    void aLostPlaceOfASharedConnectionIsNoticed() {
        connector.sharing(2);
        fails(
                check(3, 2).leasesPerConnection(endpoint -> 3),
                "acquire 2 of 2, lease 2 of 3, for one endpoint is not served: a permit is lost");
    }

    @Test
    void anInventedPlaceOfASharedConnectionIsNoticed() {
        connector.sharing(3);
        fails(check(3, 2).leasesPerConnection(endpoint -> 2), "one more did not have to wait: a permit is invented");
    }

    private LeakCheck<FakeConnection> check(int maxOpen, int maxOpenPerEndpoint) {
        return LeakCheck.of(manager, connector)
                .limits(maxOpen, maxOpenPerEndpoint)
                .stepWith(tasks::runAll)
                .advanceIdleTime(() -> time.advance(Duration.ofMinutes(1)));
    }

    private static void fails(LeakCheck<?> check, String message) {
        assertThatThrownBy(check::check).isInstanceOf(AssertionError.class).hasMessageContaining(message);
    }

    private Lease<FakeConnection> lease() {
        var acquired = manager.acquire(A);
        tasks.runAll();
        return acquired.join();
    }
}
