package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What a connection that is never free keeps from others, and for how long at most. Users of a busy endpoint renew:
 * each holds a lease for 200 ms and acquires again at once, so some lease is always held. A dial takes 10 ms, a close 1
 * ms, patience is 50 ms, and the first window of a yield is one second.
 */
class MachineSharedFairnessTest {
    private static final Duration HOLD = SharedSimulation.HOLD;
    private static final Duration PATIENCE = Duration.ofMillis(50);
    private static final Duration TENURE = Duration.ofSeconds(1);
    private static final Duration CLOSE_AND_DIAL = SharedSimulation.CLOSE.plus(SharedSimulation.DIAL);

    /** Until the next acquire at a busy endpoint with 20 users, after which its connection begins to yield. */
    private static final Duration NEXT_GRANT = HOLD.dividedBy(10);

    private static SharedSimulation busy(MachineScript script) {
        SharedSimulation simulation = new SharedSimulation(script, 16);
        simulation.users("busy", 20);
        return simulation;
    }

    @Test
    void aConnectionThatIsNeverFreeMakesWayForAnotherEndpoint() {
        SharedSimulation simulation = busy(MachineScript.with(2, 2));
        simulation.visitor("quiet", Duration.ofSeconds(3));
        simulation.runFor(Duration.ofSeconds(60));

        assertThat(simulation.served("quiet")).isGreaterThan(10);
        assertThat(simulation.longestWait("quiet"))
                .isLessThanOrEqualTo(
                        TENURE.plus(PATIENCE).plus(NEXT_GRANT).plus(HOLD).plus(CLOSE_AND_DIAL));
        assertThat(simulation.longestWait("busy")).isLessThan(TENURE);
    }

    @Test
    void anEverlastingLeaseDoesNotKeepTheConnectionsBesideItFromMakingWay() {
        SharedSimulation simulation = busy(MachineScript.with(2, 2));
        simulation.everlasting("busy");
        simulation.visitor("quiet", Duration.ofSeconds(3));
        simulation.runFor(Duration.ofSeconds(60));

        int connections = 2;
        assertThat(simulation.served("quiet")).isGreaterThan(10);
        assertThat(simulation.longestWait("quiet"))
                .isLessThanOrEqualTo(TENURE.plus(PATIENCE).plus(HOLD.multipliedBy(8L * connections)));
    }

    @Test
    void whereNothingHelpsTheOwnUsersAreShutOutForHalfOfTheTimeAtMost() {
        SharedSimulation alone = busy(MachineScript.with(1, 1));
        alone.everlasting("busy");
        alone.runFor(Duration.ofSeconds(300));
        SharedSimulation beside = busy(MachineScript.with(1, 1));
        beside.everlasting("busy");
        beside.visitor("quiet", Duration.ofSeconds(3));
        beside.runFor(Duration.ofSeconds(300));

        assertThat(beside.served("quiet"))
                .as("the only connection is never free")
                .isZero();
        assertThat(beside.served("busy") * 2L).isGreaterThanOrEqualTo(alone.served("busy") * 8L / 10);
    }

    @Test
    void aLoweredLimitIsReached() {
        MachineScript script = MachineScript.with(4, 4);
        SharedSimulation simulation = new SharedSimulation(script, 5);
        simulation.users("busy", 20);
        simulation.runFor(Duration.ofSeconds(5));
        assertThat(script.counts().open()).isEqualTo(4);

        simulation.performAll(script.limits(2, 2));
        simulation.runFor(NEXT_GRANT.plus(HOLD).plus(SharedSimulation.CLOSE));
        assertThat(script.counts().open()).isEqualTo(2);
    }

    @Test
    void aDebtToTheBudgetIsPaid() {
        MachineScript script = MachineScript.with(4, 4).budgeted();
        SharedSimulation simulation = new SharedSimulation(script, 10);
        simulation.users("busy", 20);
        simulation.runFor(Duration.ofSeconds(5));

        int before = simulation.returned();
        simulation.keepPermits(before + 1);
        simulation.performAll(script.owed(1));
        simulation.runFor(PATIENCE.plus(NEXT_GRANT).plus(HOLD).plus(SharedSimulation.CLOSE));
        assertThat(simulation.returned()).isGreaterThan(before);
    }

    @Test
    void noConnectionIsLeasedForLongAfterItsLifetime() {
        Duration lifetime = Duration.ofSeconds(10);
        SharedSimulation simulation = busy(MachineScript.with(4, 4).maxLifetime(lifetime));
        simulation.runFor(Duration.ofSeconds(100));

        assertThat(simulation.closed()).isGreaterThan(5);
        assertThat(simulation.oldest()).isLessThanOrEqualTo(lifetime.plus(HOLD).plus(SharedSimulation.CLOSE));
    }

    @Test
    void aDrainEndsWithTheLeasesThatAreHeld() {
        MachineScript script = MachineScript.with(2, 2);
        SharedSimulation simulation = busy(script);
        simulation.runFor(Duration.ofSeconds(5));

        List<String> drain = script.drain(Duration.ofSeconds(60));
        simulation.performAll(drain);
        simulation.runFor(HOLD.multipliedBy(2).plus(SharedSimulation.CLOSE));
        assertThat(script.counts().open()).isZero();
        assertThat(script.isClean()).isTrue();
    }
}
