package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A shared connection that is busy at the end of its lifetime: it yields, and ends after its last lease, but it serves
 * its own endpoint again if nothing else can.
 */
class MachineYieldAgeTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration NANO = Duration.ofNanos(1);
    private static final Duration PATIENCE = Duration.ofMillis(50);

    @RegisterExtension
    final ReplayedScripts scripts = new ReplayedScripts();

    private final MachineScript one = scripts.with(1, 1).maxLifetime(SECOND.multipliedBy(8));
    private final MachineScript two = scripts.with(2, 2).maxLifetime(SECOND.multipliedBy(8));

    /** The waiter a1 holds one of two places of connection 1. */
    private static void oneHolds(MachineScript script) {
        script.acquire("a1", "a");
        script.openedShared(1, 2);
    }

    /** Lets time pass until a connection yields. */
    private static void runUntilItYields(MachineScript script) {
        for (int wakeUps = 0; script.counts().leaving() == 0 && wakeUps < 100; wakeUps++) {
            assertThat(script.runTo(script.wakeAt())).isEmpty();
        }
        assertThat(script.counts().leaving()).isOne();
    }

    @Test
    void aBusyConnectionTakesNobodyAfterItsLifetimeAndEndsAfterItsLastLease() {
        MachineScript script = scripts.with(4, 4).expects(100).maxLifetime(SECOND.multipliedBy(8));
        for (int number = 1; number <= 5; number++) {
            script.acquire("a" + number, "a");
        }
        script.openedShared(1, 100);
        assertThat(script.run(SECOND.multipliedBy(6).minus(NANO))).isEmpty();
        assertThat(script.counts().leaving()).isZero();
        assertThat(script.run(SECOND.multipliedBy(2))).isEmpty();
        assertThat(script.counts().leaving()).isOne();
        assertThat(script.acquire("a6", "a")).containsExactly("dial 2 a");
        for (int number = 1; number <= 4; number++) {
            assertThat(script.release("a" + number)).isEmpty();
        }
        assertThat(script.release("a5")).containsExactly("close 1 LIFETIME");
    }

    @Test
    void itServesItsOwnEndpointAgainAfterAWindowIfNothingElseCanAndThenYieldsAgain() {
        oneHolds(one);
        runUntilItYields(one);
        assertThat(one.acquire("a2", "a")).isEmpty();
        assertThat(one.run(SECOND.minus(NANO))).isEmpty();
        assertThat(one.run(NANO)).containsExactly("a2 gets 1 DEFERRED");
        assertThat(one.release("a2")).isEmpty();
        assertThat(one.run(SECOND.minus(NANO))).isEmpty();
        assertThat(one.acquire("a3", "a")).as("it rests").containsExactly("a3 gets 1 IMMEDIATE");
        assertThat(one.counts().leaving()).isZero();
        assertThat(one.run(NANO)).isEmpty();
        assertThat(one.counts().leaving()).isOne();
        assertThat(one.release("a3")).isEmpty();
        assertThat(one.acquire("a4", "a")).isEmpty();
        assertThat(one.run(SECOND.multipliedBy(2).minus(NANO)))
                .as("twice as long")
                .isEmpty();
        assertThat(one.run(NANO)).containsExactly("a4 gets 1 DEFERRED");
    }

    @Test
    void afterItsWindowItGoesOnYieldingUntilItsOwnEndpointNeedsIt() {
        oneHolds(one);
        runUntilItYields(one);
        assertThat(one.run(SECOND.multipliedBy(5))).isEmpty();
        assertThat(one.counts().leaving()).isOne();
        assertThat(one.acquire("a2", "a")).containsExactly("a2 gets 1 DEFERRED");
        assertThat(one.counts().leaving()).isZero();
        one.release("a2");
        assertThat(one.acquire("a3", "a")).as("it rests").containsExactly("a3 gets 1 IMMEDIATE");
        one.release("a3");
        assertThat(one.release("a1")).as("though it rests").containsExactly("close 1 LIFETIME");
    }

    @Test
    void aDialThatIsComingIsEnoughForItsOwnEndpoint() {
        oneHolds(two);
        runUntilItYields(two);
        assertThat(two.acquire("a2", "a")).containsExactly("dial 2 a");
        assertThat(two.run(SECOND.multipliedBy(3))).isEmpty();
        assertThat(two.openedShared(2, 2)).containsExactly("a2 gets 2 NEW");
        assertThat(two.acquire("a3", "a")).containsExactly("a3 gets 2 IMMEDIATE");
        assertThat(two.release("a1")).containsExactly("close 1 LIFETIME");
    }

    @Test
    void anExclusiveConnectionInUseIsEnoughForItsOwnEndpoint() {
        oneHolds(two);
        two.run(SECOND.multipliedBy(4));
        two.capacity(1, 1);
        two.acquire("x", "a");
        two.opened(2);
        two.capacity(1, 2);
        runUntilItYields(two);
        assertThat(two.acquire("a2", "a")).isEmpty();
        assertThat(two.run(SECOND.plusMillis(500))).isEmpty();
        assertThat(two.release(2)).containsExactly("a2 gets 2 DEFERRED");
    }

    @Test
    void itServesItsOwnEndpointWhenTheOtherConnectionIsRetired() {
        oneHolds(two);
        two.run(SECOND.multipliedBy(4));
        two.capacity(1, 1);
        two.acquire("x", "a");
        two.openedShared(2, 1);
        two.capacity(1, 2);
        runUntilItYields(two);
        assertThat(two.acquire("a2", "a")).isEmpty();
        assertThat(two.run(SECOND)).as("2 is usable").isEmpty();
        assertThat(two.retire(2)).containsExactly("a2 gets 1 DEFERRED");
    }

    @Test
    void inItsFirstWindowItDoesNotYieldForItsAge() {
        MachineScript script = scripts.with(4, 4).maxLifetime(Duration.ofMillis(400));
        oneHolds(script);
        assertThat(script.run(Duration.ofMillis(500))).isEmpty();
        assertThat(script.acquire("a2", "a")).containsExactly("a2 gets 1 IMMEDIATE");
        script.release("a2");
        script.run(Duration.ofMillis(500).minus(NANO));
        assertThat(script.counts().leaving()).isZero();
        script.run(NANO);
        assertThat(script.counts().leaving()).isOne();
        assertThat(script.acquire("a3", "a")).containsExactly("dial 2 a");
    }

    // ---- a yield for others that outlives the lifetime

    /** The only connection yields for b1 from 1.05 s to 2.05 s, and is too old at 2 s. */
    private MachineScript yieldsAndAges() {
        MachineScript script = scripts.with(1, 1).maxLifetime(SECOND.multipliedBy(2));
        oneHolds(script);
        script.advance(SECOND);
        script.acquire("b1", "b");
        script.advance(PATIENCE);
        assertThat(script.acquire("a2", "a")).isEmpty();
        assertThat(script.runTo(SECOND.multipliedBy(2))).isEmpty();
        return script;
    }

    @Test
    void atTheEndOfItsWindowItServesItsOwnThenRestsThenYieldsForItsAge() {
        MachineScript script = yieldsAndAges();
        assertThat(script.run(PATIENCE)).containsExactly("a2 gets 1 DEFERRED");
        assertThat(script.run(SECOND.minus(NANO))).isEmpty();
        assertThat(script.counts().leaving()).isZero();
        script.run(NANO);
        assertThat(script.counts().leaving()).isOne();
    }

    @Test
    void itsAgeJustifiesTheYieldWhenTheOtherWaiterLeaves() {
        MachineScript script = yieldsAndAges();
        assertThat(script.cancel("b1")).isEmpty();
        assertThat(script.counts().leaving()).isOne();
        assertThat(script.run(PATIENCE)).as("the end of the window").containsExactly("a2 gets 1 DEFERRED");
    }

    @Test
    void itEndsForItsAgeWhenItIsFree() {
        MachineScript script = yieldsAndAges();
        assertThat(script.release("a1")).containsExactly("close 1 LIFETIME");
        assertThat(script.closed(1)).containsExactly("gone 1 LIFETIME", "dial 2 b");
    }
}
