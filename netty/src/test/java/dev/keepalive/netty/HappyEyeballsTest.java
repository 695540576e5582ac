package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The pace of a race between addresses. The test moves the clock of the event loop, and the runners are fakes. */
class HappyEyeballsTest {
    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final AddressCandidates candidates = new AddressCandidates(80, any -> true, true);
    private final List<FakeRunner> started = new ArrayList<>();
    private HappyEyeballs.Finish<FakeRunner> finish;
    private final List<String> outcomes = new ArrayList<>();
    private final HappyEyeballs<FakeRunner> happyEyeballs =
            new HappyEyeballs<>(this::start, loop.eventLoop(), candidates, new HappyEyeballs.Listener<>() {
                @Override
                public void won(FakeRunner winner) {
                    outcomes.add("won by " + winner.name + ", open: " + open());
                }

                @Override
                public void lost(List<DialException> failures) {
                    outcomes.add("lost, " + failures.size() + " failures, open: " + open());
                }
            });

    HappyEyeballsTest() {
        loop.freezeTime();
    }

    @AfterEach
    void close() {
        loop.finishAndReleaseAll();
    }

    @Test
    void theNextAddressIsTriedAfterAQuarterOfASecondOfSilence() {
        candidates("fd00::1", "10.0.0.1");
        happyEyeballs.candidatesAdded();
        happyEyeballs.candidatesComplete();

        advance(249);
        assertThat(names()).containsExactly("fd00::1");
        advance(1);
        assertThat(names()).containsExactly("fd00::1", "10.0.0.1");
        assertThat(open()).isEqualTo(2);
    }

    @Test
    void theNextAddressIsTriedAtOnceAfterAFailure() {
        candidates("fd00::1", "10.0.0.1", "10.0.0.2");
        happyEyeballs.candidatesAdded();
        happyEyeballs.candidatesComplete();

        fail(0);
        assertThat(names()).containsExactly("fd00::1", "10.0.0.1");
        advance(249);
        assertThat(names()).hasSize(2);
        advance(1);
        assertThat(names()).hasSize(3);
    }

    @Test
    void theFirstThatConnectsWinsAndIsReportedAfterTheOthersAreClosed() {
        candidates("fd00::1", "10.0.0.1", "10.0.0.2");
        happyEyeballs.candidatesAdded();
        happyEyeballs.candidatesComplete();
        advance(250);
        advance(250);

        finish.connected(started.get(1));
        assertThat(outcomes).isEmpty();
        started.get(0).closed();
        assertThat(outcomes).isEmpty();
        started.get(2).closed();

        assertThat(outcomes).containsExactly("won by 10.0.0.1, open: 1");
        advance(10_000);
        assertThat(names()).hasSize(3);
    }

    @Test
    void anAttemptThatConnectsAfterTheWinnerIsClosedAndNotReported() {
        candidates("fd00::1", "10.0.0.1");
        happyEyeballs.candidatesAdded();
        happyEyeballs.candidatesComplete();
        advance(250);

        finish.connected(started.get(0));
        finish.connected(started.get(1));
        started.get(1).closed();

        assertThat(outcomes).containsExactly("won by fd00::1, open: 1");
    }

    @Test
    void theRaceIsLostWithEveryFailureWhenAllHaveFailedAndNoMoreWillCome() {
        candidates("fd00::1", "10.0.0.1");
        happyEyeballs.candidatesAdded();
        fail(0);
        fail(1);
        assertThat(outcomes).isEmpty();

        happyEyeballs.candidatesComplete();

        assertThat(outcomes).containsExactly("lost, 2 failures, open: 0");
    }

    @Test
    void anAddressFoundWhenNoneIsLeftIsTriedAtOnce() {
        candidates("10.0.0.1");
        happyEyeballs.candidatesAdded();
        advance(250);
        assertThat(names()).hasSize(1);

        candidates("fd00::1");
        happyEyeballs.candidatesAdded();

        assertThat(names()).containsExactly("10.0.0.1", "fd00::1");
    }

    @Test
    void anAddressFoundSoonAfterTheLastStartWaitsItsTurn() {
        candidates("10.0.0.1");
        happyEyeballs.candidatesAdded();
        advance(100);

        candidates("fd00::1");
        happyEyeballs.candidatesAdded();

        assertThat(names()).hasSize(1);
        advance(150);
        assertThat(names()).hasSize(2);
    }

    @Test
    void ofManySilentAddressesThreeAreUnderWayAndTheOldestMakesRoom() {
        candidates(IntStream.rangeClosed(1, 4_000)
                .mapToObj(i -> "10.0." + i / 250 + "." + i % 250)
                .toArray(String[]::new));
        happyEyeballs.candidatesAdded();
        happyEyeballs.candidatesComplete();
        advance(250);
        advance(250);
        advance(250);
        assertThat(names()).containsExactly("10.0.0.1", "10.0.0.2", "10.0.0.3");
        advance(1_000);
        assertThat(names()).as("not before the oldest is closed").hasSize(3);
        started.get(0).closed();
        assertThat(names()).containsExactly("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4");
        for (int next = 1; next < 13; next++) {
            assertThat(open()).isEqualTo(3);
            advance(250);
            started.get(next).closed();
        }
        advance(1_000);
        assertThat(names()).as("of 4,000").hasSize(16);
        assertThat(open()).as("the last three go on").isEqualTo(3);

        happyEyeballs.stop();
        assertThat(outcomes).isEmpty();
        started.stream().filter(runner -> runner.open).forEach(FakeRunner::closed);

        assertThat(outcomes).containsExactly("lost, 13 failures, open: 0");
    }

    @Test
    void anAttemptThatConnectsWhileTheOldestMakesRoomWins() {
        candidates("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4");
        happyEyeballs.candidatesAdded();
        happyEyeballs.candidatesComplete();
        advance(250);
        advance(250);
        advance(250);
        finish.connected(started.get(1));
        started.get(2).closed();
        assertThat(outcomes).isEmpty();
        started.get(0).closed();
        assertThat(outcomes).containsExactly("won by 10.0.0.2, open: 1");
        assertThat(names()).hasSize(3);
    }

    @Test
    void aStopWhileTheOldestMakesRoomIsReportedWhenAllAreClosed() {
        candidates("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4");
        happyEyeballs.candidatesAdded();
        happyEyeballs.candidatesComplete();
        advance(250);
        advance(250);
        advance(250);
        happyEyeballs.stop();
        started.get(1).closed();
        started.get(2).closed();
        assertThat(outcomes).isEmpty();
        started.get(0).closed();
        assertThat(outcomes).containsExactly("lost, 1 failures, open: 0");
        assertThat(names()).hasSize(3);
    }

    @Test
    void aStartThatThrowsCountsAsAFailureAndTheNextAddressIsTried() {
        candidates("255.255.255.255", "10.0.0.1");
        happyEyeballs.candidatesAdded();
        happyEyeballs.candidatesComplete();

        assertThat(names()).containsExactly("10.0.0.1");
        fail(0);
        assertThat(outcomes).containsExactly("lost, 2 failures, open: 0");
    }

    @Test
    void afterAStopNoAttemptStarts() {
        candidates("fd00::1", "10.0.0.1");
        happyEyeballs.candidatesAdded();
        happyEyeballs.stop();
        started.get(0).closed();
        advance(1_000);
        candidates("10.0.0.2");
        happyEyeballs.candidatesAdded();

        assertThat(names()).containsExactly("fd00::1");
        assertThat(outcomes).containsExactly("lost, 0 failures, open: 0");
    }

    @Test
    void aStopWhileTheLosersAreBeingClosedClosesTheWinnerTooAndTheRaceIsLost() {
        candidates("fd00::1", "10.0.0.1");
        happyEyeballs.candidatesAdded();
        happyEyeballs.candidatesComplete();
        advance(250);
        finish.connected(started.get(0));

        happyEyeballs.stop();
        started.get(1).closed();
        assertThat(outcomes).isEmpty();
        started.get(0).closed();

        assertThat(outcomes).containsExactly("lost, 0 failures, open: 0");
    }

    private FakeRunner start(SocketAddress remote, HappyEyeballs.Finish<FakeRunner> raceFinish) {
        String name = ((InetSocketAddress) remote).getAddress().getHostAddress().replace(":0:0:0:0:0:0:", "::");
        if (name.startsWith("255")) {
            throw new IllegalStateException("no socket for that");
        }
        finish = raceFinish;
        FakeRunner runner = new FakeRunner(name);
        started.add(runner);
        return runner;
    }

    private void candidates(String... addresses) {
        candidates.add(List.of(addresses).stream().map(FakeResolver::numeric).toList());
    }

    private void fail(int index) {
        FakeRunner runner = started.get(index);
        runner.open = false;
        finish.failed(runner, new DialException(Phase.CONNECT, 111, "Connection refused", null));
    }

    private void advance(int millis) {
        loop.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        loop.runScheduledPendingTasks();
        loop.runPendingTasks();
    }

    private List<String> names() {
        return started.stream().map(runner -> runner.name).toList();
    }

    private long open() {
        return started.stream().filter(runner -> runner.open).count();
    }

    /** A runner that is closed when the test says so. */
    private static final class FakeRunner implements HappyEyeballs.Runner {
        private final String name;
        private boolean open = true;
        private Runnable whenClosed = () -> {};

        FakeRunner(String name) {
            this.name = name;
        }

        @Override
        public void close(Runnable onClosed) {
            whenClosed = onClosed;
        }

        void closed() {
            open = false;
            whenClosed.run();
        }
    }
}
