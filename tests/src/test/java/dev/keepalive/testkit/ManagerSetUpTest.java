package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireException;
import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import dev.keepalive.Timings;
import dev.keepalive.spi.DialException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is done with a new connection before anybody gets it. */
class ManagerSetUpTest extends ManagerRig {
    private final List<FakeConnection> connections = new ArrayList<>();
    private final List<CompletableFuture<Void>> stages = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();
    private boolean atOnce;

    private final ConnectionListener listener = new ConnectionListener() {
        @Override
        public void opened(Endpoint endpoint, Timings dial) {
            heard.add("opened " + endpoint + " set up for "
                    + dial.get(Phase.SETUP).toMillis());
        }

        @Override
        public void dialFailed(Endpoint endpoint, DialException failure) {
            heard.add("failed " + failure.phase() + " " + failure.text());
        }

        @Override
        public void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
            heard.add("closed " + reason);
        }
    };

    private CompletionStage<?> setUp(FakeConnection connection, Endpoint endpoint) {
        assertThat(connection.endpoint()).isEqualTo(endpoint);
        connections.add(connection);
        CompletableFuture<Void> stage = new CompletableFuture<>();
        stages.add(stage);
        if (atOnce) {
            stage.complete(null);
        }
        return stage;
    }

    @BeforeEach
    void withSetUp() {
        with(1, 1, options -> options.setup(this::setUp).listener(listener));
    }

    /** So that what the rig tries at the end can be had. */
    @AfterEach
    void thePeerIsKindFromNowOn() {
        atOnce = true;
    }

    private CompletableFuture<Lease<FakeConnection>> begun() {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        dialled();
        assertThat(connections).hasSize(1);
        assertThat(acquired).isNotDone();
        assertThat(manager.snapshot().all().dialing())
                .as("it is part of the dial")
                .isEqualTo(1);
        return acquired;
    }

    private FakeLink link() {
        return connections.get(connections.size() - 1).link();
    }

    private void complete() {
        stages.get(stages.size() - 1).complete(null);
        tasks.runAll();
    }

    // ---- it goes well

    @Test
    void aConnectionIsLeasedWhenItIsSetUpAndIsSetUpOnce() {
        CompletableFuture<Lease<FakeConnection>> acquired = begun();
        time.advance(Duration.ofMillis(7));
        complete();

        Lease<FakeConnection> lease = acquired.join();
        assertThat(lease.origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(lease.uses()).isEqualTo(1);
        assertThat(lease.timings().get(Phase.SETUP)).isEqualTo(Duration.ofMillis(7));
        assertThat(heard).containsExactly("opened " + A + " set up for 7");
        lease.release();
        Lease<FakeConnection> next = manager.acquire(A).join();
        assertThat(next.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        assertThat(connections).hasSize(1);
    }

    @Test
    void aStageThatIsCompleteAlreadyWillDo() {
        atOnce = true;
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        dialled();
        assertThat(acquired.join().uses()).isEqualTo(1);
    }

    @Test
    void itRunsOnTheCallbackExecutorAndInNobodysCall() {
        manager.acquire(A);
        tasks.runAll();
        connector.nextDial().succeed();
        assertThat(connections).as("within the connector's call").isEmpty();
        tasks.runAll();
        assertThat(connections).hasSize(1);
    }

    @Test
    void itMayBeGreetedAndAnswered() {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        FakeLink link = connector.nextDial().succeed();
        assertThat(link.peerSpeaks())
                .as("a greeting is held back for the set-up")
                .isTrue();
        tasks.runAll();
        assertThat(link.peerSpeaks()).as("an answer").isTrue();
        complete();
        assertThat(acquired).isCompleted();
    }

    @Test
    void theSetUpsHandleIsOverWhenItsStageIs() {
        CompletableFuture<Lease<FakeConnection>> acquired = begun();
        Lease<FakeConnection> setUps = connections.get(0).lease();
        assertThat(setUps.connection()).isSameAs(connections.get(0));
        complete();
        assertThatThrownBy(setUps::connection).isInstanceOf(IllegalStateException.class);
        assertThat(setUps.invalidate()).isFalse();
        assertThat(acquired.join().connection()).isNotSameAs(connections.get(0));
    }

    @Test
    void itIsCleanedUpBeforeAnybodyGetsIt() {
        CompletableFuture<Lease<FakeConnection>> acquired = begun();
        link().holdResets();
        complete();
        assertThat(acquired).isNotDone();
        assertThat(link().resetAsked()).isTrue();
        link().answerReset(true);
        tasks.runAll();
        assertThat(acquired).isCompleted();
    }

    @Test
    void itServesWhoWaitsIfWhoCausedItHasGone() {
        CompletableFuture<Lease<FakeConnection>> gone = begun();
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        gone.cancel(false);
        complete();
        assertThat(second.join().origin()).isEqualTo(LeaseOrigin.NEW);
    }

    // ---- it goes wrong

    @Test
    void aSetUpThatFailsIsAFailedDialWhenTheConnectionIsClosed() {
        CompletableFuture<Lease<FakeConnection>> acquired = begun();
        FakeLink link = link();
        link.holdCloses();
        stages.get(0).completeExceptionally(new IllegalStateException("wrong password"));
        tasks.runAll();
        assertThat(link.closeAsked()).isTrue();
        assertThat(acquired).as("its place is not free yet").isNotDone();
        assertThat(manager.snapshot().all().open()).isEqualTo(1);

        link.answerClose();
        tasks.runAll();
        assertThat(failure(acquired))
                .isInstanceOfSatisfying(AcquireException.DialFailed.class, failed -> {
                    assertThat(failed.phase()).isEqualTo(Phase.SETUP);
                    assertThat(failed.errorText()).contains("wrong password");
                })
                .hasRootCauseMessage("wrong password");
        assertThat(heard).containsExactly("failed setup java.lang.IllegalStateException: wrong password");
        assertThat(manager.snapshot().all().open()).isZero();
        assertThat(manager.snapshot().totals().dialsFailed()).isEqualTo(1);
    }

    @Test
    void aSetUpThatThrowsOrReturnsNullFailsItsDial() {
        for (String how : List.of("throws", "null")) {
            with(
                    1,
                    1,
                    options -> options.setup((connection, endpoint) -> {
                        if (how.equals("throws") && !atOnce) {
                            throw new IllegalArgumentException("no such user");
                        }
                        return atOnce ? CompletableFuture.completedStage(null) : null;
                    }));
            CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
            dialled();
            assertThat(failure(acquired))
                    .isInstanceOf(AcquireException.DialFailed.class)
                    .hasMessageContaining("setup error")
                    .hasMessageContaining(how.equals("null") ? "the setup's stage" : "no such user");
            assertThat(connector.openLinks()).isZero();
        }
    }

    @Test
    void aSetUpThatLeavesSomethingUnreadFailsItsDial() {
        CompletableFuture<Lease<FakeConnection>> acquired = begun();
        link().leaveUnread();
        complete();
        assertThat(failure(acquired)).hasMessageContaining("unread");
        assertThat(connector.openLinks()).isZero();
    }

    @Test
    void whatThePeerSaysBetweenTheSetUpAndTheFirstLeaseWasNotAskedFor() {
        CompletableFuture<Lease<FakeConnection>> acquired = begun();
        link().holdResets();
        complete();
        assertThat(link().peerSpeaks()).isFalse();
        tasks.runAll();
        assertThat(failure(acquired)).hasMessageContaining("setup error");
    }

    @Test
    void aPeerThatClosesDuringTheSetUpFailsTheDialAndEndsTheStage() {
        CompletableFuture<Lease<FakeConnection>> acquired = begun();
        link().peerCloses();
        tasks.runAll();
        assertThat(failure(acquired)).hasMessageContaining("the peer closed the connection during the setup");
        assertThat(stages.get(0)).isCancelled();
        assertThat(manager.snapshot().all().open()).isZero();
        assertThat(heard).hasSize(1);
    }

    @Test
    void aSetUpThatNeverEndsIsEndedByTheDialTimeout() {
        CompletableFuture<Lease<FakeConnection>> acquired = begun();
        Lease<FakeConnection> setUps = connections.get(0).lease();
        link().holdCloses();
        time.advance(Duration.ofSeconds(30));
        tasks.runAll();
        assertThat(failure(acquired))
                .isInstanceOfSatisfying(AcquireException.DialFailed.class, failed -> assertThat(failed.phase())
                        .isEqualTo(Phase.SETUP));
        assertThat(stages.get(0)).isCancelled();
        assertThatThrownBy(setUps::connection).isInstanceOf(IllegalStateException.class);
        assertThat(manager.snapshot().all().closing()).as("until it is closed").isEqualTo(1);
        link().answerClose();
        tasks.runAll();
        assertThat(manager.snapshot().all().open()).isZero();
        assertThat(heard).containsExactly("failed setup java.lang.IllegalStateException: stopped during the setup");
    }

    @Test
    void closingTheManagerEndsTheSetUp() {
        CompletableFuture<Lease<FakeConnection>> acquired = begun();
        manager.close();
        tasks.runAll();
        assertThat(failure(acquired)).isInstanceOf(AcquireException.Closed.class);
        assertThat(stages.get(0)).isCancelled();
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
        assertThat(connector.openLinks()).isZero();
    }

    @Test
    void aManagerThatIsClosedBeforeTheDialSucceedsSetsNothingUp() {
        manager.acquire(A);
        tasks.runAll();
        manager.close();
        tasks.runAll();
        connector.nextDial().succeed();
        tasks.runAll();
        assertThat(connections).isEmpty();
        assertThat(connector.openLinks()).isZero();
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
    }

    @Test
    void aStageThatEndsTooLateChangesNothing() {
        begun();
        manager.close();
        tasks.runAll();
        stages.get(0).complete(null);
        stages.get(0).obtrudeException(new IllegalStateException("late"));
        tasks.runAll();
        assertThat(heard).hasSize(1);
    }

    @Test
    void itsConnectionMayEndIt() {
        CompletableFuture<Lease<FakeConnection>> acquired = begun();
        assertThat(connections.get(0).lease().invalidate(new IllegalStateException("what is this?")))
                .isTrue();
        tasks.runAll();
        assertThat(failure(acquired)).hasMessageContaining("what is this?");
        assertThat(connector.openLinks()).isZero();
    }

    @Test
    void failedSetUpsPauseTheEndpoint() {
        for (int failed = 1; failed <= 2; failed++) {
            CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
            dialled();
            stages.get(stages.size() - 1).completeExceptionally(new IllegalStateException("wrong password"));
            tasks.runAll();
            assertThat(acquired).isCompletedExceptionally();
        }
        assertThat(failure(manager.acquire(A)))
                .hasMessageContaining("not dialed, since other dials failed just before");
    }

    @Test
    void aPeerThatWasQuickerThanTheConnectorsAnswerFailsTheDial() {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        FakeLink link = connector.nextDial().succeed();
        link.peerResets();
        tasks.runAll();
        assertThat(failure(acquired)).hasMessageContaining("Connection reset");
        assertThat(connections).as("nothing to set up any more").isEmpty();
    }
}
