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

/** The setup of a new connection, before its first lease. */
class ManagerSetupTest extends ManagerRig {
    private final List<FakeConnection> connections = new ArrayList<>();
    private final List<CompletableFuture<Void>> stages = new ArrayList<>();
    private final List<String> reports = new ArrayList<>();
    private boolean completeAtOnce;

    private final ConnectionListener listener = new ConnectionListener() {
        @Override
        public void opened(Endpoint endpoint, Timings dial) {
            reports.add("opened " + endpoint + " with a setup of "
                    + dial.get(Phase.SETUP).toMillis());
        }

        @Override
        public void dialFailed(Endpoint endpoint, DialException failure) {
            reports.add("failed " + failure.phase() + " " + failure.text());
        }

        @Override
        public void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
            reports.add("closed " + reason);
        }
    };

    private CompletionStage<?> setup(FakeConnection connection, Endpoint endpoint) {
        assertThat(connection.endpoint()).isEqualTo(endpoint);
        connections.add(connection);
        CompletableFuture<Void> stage = new CompletableFuture<>();
        stages.add(stage);
        if (completeAtOnce) {
            stage.complete(null);
        }
        return stage;
    }

    @BeforeEach
    void replaceManager() {
        replaceManager(1, 1, options -> options.setup(this::setup).listener(listener));
    }

    /** The checks of the rig acquire connections at the end of a test. */
    @AfterEach
    void letSetupsSucceed() {
        completeAtOnce = true;
    }

    private CompletableFuture<Lease<FakeConnection>> acquireUntilSetup() {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        succeedDial();
        assertThat(connections).hasSize(1);
        assertThat(acquired).isNotDone();
        assertThat(manager.snapshot().all().dialing())
                .as("the setup is part of the dial")
                .isEqualTo(1);
        return acquired;
    }

    private FakeLink lastLink() {
        return connections.get(connections.size() - 1).link();
    }

    private void completeLastStage() {
        stages.get(stages.size() - 1).complete(null);
        tasks.runAll();
    }

    // ---- setups that succeed

    @Test
    void aConnectionIsLeasedAfterItsSetupWhichRunsOnce() {
        CompletableFuture<Lease<FakeConnection>> acquired = acquireUntilSetup();
        time.advance(Duration.ofMillis(7));
        completeLastStage();

        Lease<FakeConnection> lease = acquired.join();
        assertThat(lease.origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(lease.uses()).isEqualTo(1);
        assertThat(lease.timings().get(Phase.SETUP)).isEqualTo(Duration.ofMillis(7));
        assertThat(reports).containsExactly("opened " + A + " with a setup of 7");
        lease.release();
        Lease<FakeConnection> next = manager.acquire(A).join();
        assertThat(next.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        assertThat(connections).hasSize(1);
    }

    @Test
    void aSetupMayReturnACompleteStage() {
        completeAtOnce = true;
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        succeedDial();
        assertThat(acquired.join().uses()).isEqualTo(1);
    }

    @Test
    void theSetupRunsOnTheCallbackExecutorAndNotInTheConnectorsCall() {
        manager.acquire(A);
        tasks.runAll();
        connector.nextDial().succeed();
        assertThat(connections).as("no setup within the connector's call").isEmpty();
        tasks.runAll();
        assertThat(connections).hasSize(1);
    }

    @Test
    void theSetupGetsTheGreetingAndTheAnswersOfThePeer() {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        FakeLink link = connector.nextDial().succeed();
        assertThat(link.peerSpeaks()).as("a greeting is kept for the setup").isTrue();
        tasks.runAll();
        assertThat(link.peerSpeaks()).as("an answer goes to the setup").isTrue();
        completeLastStage();
        assertThat(acquired).isCompleted();
    }

    @Test
    void theHandleOfTheSetupEndsWithItsStage() {
        CompletableFuture<Lease<FakeConnection>> acquired = acquireUntilSetup();
        Lease<FakeConnection> setupLease = connections.get(0).lease();
        assertThat(setupLease.connection()).isSameAs(connections.get(0));
        completeLastStage();
        assertThatThrownBy(setupLease::connection).isInstanceOf(IllegalStateException.class);
        assertThat(setupLease.invalidate()).isFalse();
        assertThat(acquired.join().connection()).isNotSameAs(connections.get(0));
    }

    @Test
    void theConnectionIsResetBetweenTheSetupAndTheFirstLease() {
        CompletableFuture<Lease<FakeConnection>> acquired = acquireUntilSetup();
        lastLink().holdResets();
        completeLastStage();
        assertThat(acquired).isNotDone();
        assertThat(lastLink().resetAsked()).isTrue();
        lastLink().answerReset(true);
        tasks.runAll();
        assertThat(acquired).isCompleted();
    }

    @Test
    void theConnectionServesAnotherWaiterIfItsOwnWasCancelled() {
        CompletableFuture<Lease<FakeConnection>> cancelled = acquireUntilSetup();
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        cancelled.cancel(false);
        completeLastStage();
        assertThat(second.join().origin()).isEqualTo(LeaseOrigin.NEW);
    }

    // ---- setups that fail

    @Test
    void aFailedSetupIsAFailedDialOnceTheConnectionIsClosed() {
        CompletableFuture<Lease<FakeConnection>> acquired = acquireUntilSetup();
        FakeLink link = lastLink();
        link.holdCloses();
        stages.get(0).completeExceptionally(new IllegalStateException("wrong password"));
        tasks.runAll();
        assertThat(link.closeAsked()).isTrue();
        assertThat(acquired).as("its slot is not free yet").isNotDone();
        assertThat(manager.snapshot().all().open()).isEqualTo(1);

        link.answerClose();
        tasks.runAll();
        assertThat(failure(acquired))
                .isInstanceOfSatisfying(AcquireException.DialFailed.class, failed -> {
                    assertThat(failed.phase()).isEqualTo(Phase.SETUP);
                    assertThat(failed.errorText()).contains("wrong password");
                })
                .hasRootCauseMessage("wrong password");
        assertThat(reports).containsExactly("failed setup java.lang.IllegalStateException: wrong password");
        assertThat(manager.snapshot().all().open()).isZero();
        assertThat(manager.snapshot().totals().dialsFailed()).isEqualTo(1);
    }

    @Test
    void aSetupThatThrowsOrReturnsNullFailsItsDial() {
        for (String how : List.of("throws", "null")) {
            replaceManager(
                    1,
                    1,
                    options -> options.setup((connection, endpoint) -> {
                        if (how.equals("throws") && !completeAtOnce) {
                            throw new IllegalArgumentException("no such user");
                        }
                        return completeAtOnce ? CompletableFuture.completedStage(null) : null;
                    }));
            CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
            succeedDial();
            assertThat(failure(acquired))
                    .isInstanceOf(AcquireException.DialFailed.class)
                    .hasMessageContaining("setup error")
                    .hasMessageContaining(how.equals("null") ? "the setup's stage" : "no such user");
            assertThat(connector.openLinks()).isZero();
        }
    }

    @Test
    void aSetupThatLeavesUnreadInputFailsItsDial() {
        CompletableFuture<Lease<FakeConnection>> acquired = acquireUntilSetup();
        lastLink().leaveUnread();
        completeLastStage();
        assertThat(failure(acquired)).hasMessageContaining("unread");
        assertThat(connector.openLinks()).isZero();
    }

    @Test
    void inputBetweenTheSetupAndTheFirstLeaseFailsTheDial() {
        CompletableFuture<Lease<FakeConnection>> acquired = acquireUntilSetup();
        lastLink().holdResets();
        completeLastStage();
        assertThat(lastLink().peerSpeaks()).isFalse();
        tasks.runAll();
        assertThat(failure(acquired)).hasMessageContaining("setup error");
    }

    @Test
    void aPeerThatClosesDuringTheSetupFailsTheDialAndCancelsTheStage() {
        CompletableFuture<Lease<FakeConnection>> acquired = acquireUntilSetup();
        lastLink().peerCloses();
        tasks.runAll();
        assertThat(failure(acquired)).hasMessageContaining("the peer closed the connection during the setup");
        assertThat(stages.get(0)).isCancelled();
        assertThat(manager.snapshot().all().open()).isZero();
        assertThat(reports).hasSize(1);
    }

    @Test
    void aSetupThatNeverEndsIsEndedByTheDialTimeout() {
        CompletableFuture<Lease<FakeConnection>> acquired = acquireUntilSetup();
        Lease<FakeConnection> setupLease = connections.get(0).lease();
        lastLink().holdCloses();
        time.advance(Duration.ofSeconds(30));
        tasks.runAll();
        assertThat(failure(acquired))
                .isInstanceOfSatisfying(AcquireException.DialFailed.class, failed -> assertThat(failed.phase())
                        .isEqualTo(Phase.SETUP));
        assertThat(stages.get(0)).isCancelled();
        assertThatThrownBy(setupLease::connection).isInstanceOf(IllegalStateException.class);
        assertThat(manager.snapshot().all().closing())
                .as("it is closing until the peer answers")
                .isEqualTo(1);
        lastLink().answerClose();
        tasks.runAll();
        assertThat(manager.snapshot().all().open()).isZero();
        assertThat(reports).containsExactly("failed setup java.lang.IllegalStateException: stopped during the setup");
    }

    @Test
    void closingTheManagerEndsTheSetup() {
        CompletableFuture<Lease<FakeConnection>> acquired = acquireUntilSetup();
        manager.close();
        tasks.runAll();
        assertThat(failure(acquired)).isInstanceOf(AcquireException.Closed.class);
        assertThat(stages.get(0)).isCancelled();
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
        assertThat(connector.openLinks()).isZero();
    }

    @Test
    void aManagerThatIsClosedBeforeTheDialSucceedsRunsNoSetup() {
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
        acquireUntilSetup();
        manager.close();
        tasks.runAll();
        stages.get(0).complete(null);
        stages.get(0).obtrudeException(new IllegalStateException("late"));
        tasks.runAll();
        assertThat(reports).hasSize(1);
    }

    @Test
    void theSetupMayInvalidateItsConnection() {
        CompletableFuture<Lease<FakeConnection>> acquired = acquireUntilSetup();
        assertThat(connections.get(0).lease().invalidate(new IllegalStateException("what is this?")))
                .isTrue();
        tasks.runAll();
        assertThat(failure(acquired)).hasMessageContaining("what is this?");
        assertThat(connector.openLinks()).isZero();
    }

    @Test
    void failedSetupsPauseTheEndpoint() {
        for (int failed = 1; failed <= 2; failed++) {
            CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
            succeedDial();
            stages.get(stages.size() - 1).completeExceptionally(new IllegalStateException("wrong password"));
            tasks.runAll();
            assertThat(acquired).isCompletedExceptionally();
        }
        assertThat(failure(manager.acquire(A)))
                .hasMessageContaining("not dialed, since other dials failed just before");
    }

    @Test
    void aPeerThatResetsTheConnectionBeforeTheSetupFailsTheDial() {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        FakeLink link = connector.nextDial().succeed();
        link.peerResets();
        tasks.runAll();
        assertThat(failure(acquired)).hasMessageContaining("Connection reset");
        assertThat(connections).as("no setup runs").isEmpty();
    }
}
