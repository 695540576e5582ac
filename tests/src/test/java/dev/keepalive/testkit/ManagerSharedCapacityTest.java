package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How many leases a connection takes is a level, which its link sets at any time; a dial succeeds when it is above 0.
 */
class ManagerSharedCapacityTest extends ManagerSharedRig {
    // ---- the dial waits for room

    @Test
    void aDialSucceedsWhenThereIsRoomForALease() {
        share(0);
        CompletableFuture<Lease<FakeConnection>> acquired = acquire(1).get(0);
        FakeLink link = succeedDial();
        assertThat(acquired).isNotDone();
        assertThat(counts().dialing()).isEqualTo(1);
        time.advance(Duration.ofSeconds(2));
        link.capacity(0);
        link.capacity(2);
        tasks.runAll();
        assertThat(acquired.join().origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(acquired.join().timings().get(Phase.CONNECT)).isEqualTo(Duration.ofSeconds(2));
        assertThat(counts().room()).isEqualTo(1);
        connector.sharing(2);
    }

    @Test
    void roomThatComesDuringTheSetupWaitsForTheSetup() {
        CompletableFuture<Void> setup = new CompletableFuture<>();
        share(0, 128, 1, options -> options.setup((connection, endpoint) -> setup.copy()));
        CompletableFuture<Lease<FakeConnection>> acquired = acquire(1).get(0);
        FakeLink link = succeedDial();
        link.capacity(2);
        tasks.runAll();
        assertThat(acquired).isNotDone();
        setup.complete(null);
        tasks.runAll();
        assertThat(acquired).isCompleted();
        connector.sharing(2);
    }

    @Test
    void theSetupDoesNotMakeRoom() {
        share(0, 128, 1, options -> options.setup((connection, endpoint) -> CompletableFuture.completedFuture(null)));
        CompletableFuture<Lease<FakeConnection>> acquired = acquire(1).get(0);
        FakeLink link = succeedDial();
        assertThat(link.resets()).as("the setup is over").containsExactly(0L);
        assertThat(acquired).isNotDone();
        link.capacity(1);
        tasks.runAll();
        assertThat(acquired).isCompleted();
        connector.sharing(1);
    }

    @Test
    void aDialWithoutRoomEndsWithItsTimeoutAndTheFailureSaysWhy() {
        share(0);
        CompletableFuture<Lease<FakeConnection>> acquired = acquire(1).get(0);
        FakeLink link = succeedDial();
        time.advance(Duration.ofSeconds(30));
        tasks.runAll();
        assertThat(failure(acquired))
                .isInstanceOf(AcquireException.DialFailed.class)
                .hasMessageContaining("dialTimeout PT30S is over; the connection is open, and takes no lease yet");
        assertThat(link.isOpen()).isFalse();
        assertThat(counts().open()).isZero();
        link.capacity(3); // too late
        tasks.runAll();
        assertThat(counts().open()).isZero();
        connector.sharing(1);
    }

    @Test
    void anAcquireThatTimesOutBeforeThereIsRoomSaysSo() {
        share(0);
        CompletableFuture<?> acquired = manager.acquire(AcquireRequest.to(A).withTimeout(Duration.ofSeconds(1)));
        FakeLink link = succeedDial();
        time.advance(Duration.ofSeconds(1));
        tasks.runAll();
        assertThat(failure(acquired))
                .isInstanceOf(AcquireException.TimedOut.class)
                .hasMessageContaining("the request's timeout PT1S is over; the connection is open, and takes no lease");
        link.capacity(1);
        tasks.runAll();
        assertThat(counts().idle()).as("the dial goes on").isEqualTo(1);
        connector.sharing(1);
    }

    @Test
    void aConnectionThatIsClosedBeforeThereIsRoomIsAFailedDial() {
        share(0);
        CompletableFuture<Lease<FakeConnection>> acquired = acquire(1).get(0);
        succeedDial().peerResets();
        tasks.runAll();
        assertThat(failure(acquired))
                .isInstanceOf(AcquireException.DialFailed.class)
                .hasMessageContaining("the connection was closed before it took a lease")
                .hasRootCauseMessage("Connection reset");
        assertThat(counts().open()).isZero();
        connector.sharing(1);
    }

    @Test
    void theLinksOwnFailureIsToldIfItHasOne() {
        List<LinkEvents<FakeConnection>> events = new ArrayList<>();
        share(0, 128, 1, options -> options, fake -> eventsTo(fake, events));
        CompletableFuture<Lease<FakeConnection>> acquired = acquire(1).get(0);
        succeedDial();
        events.get(0).closed(new DialException(Phase.TLS, 5, "the peer is leaving", null));
        tasks.runAll();
        assertThat(failure(acquired)).isInstanceOfSatisfying(AcquireException.DialFailed.class, failed -> {
            assertThat(failed.errorText()).isEqualTo("the peer is leaving");
            assertThat(failed.phase()).isEqualTo(Phase.TLS);
        });
        link().peerCloses();
        connector.sharing(1);
    }

    @Test
    void aManagerThatIsClosedEndsADialWithoutRoom() {
        share(0);
        CompletableFuture<Lease<FakeConnection>> acquired = acquire(1).get(0);
        FakeLink link = succeedDial();
        manager.close();
        tasks.runAll();
        assertThat(failure(acquired)).isInstanceOf(AcquireException.Closed.class);
        assertThat(link.isOpen()).isFalse();
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
    }

    @Test
    void aDialThatIsStoppedBeforeItOpensWithoutRoomIsClosed() {
        share(0);
        acquire(1);
        manager.close();
        tasks.runAll();
        FakeLink link = connector.nextDial().succeed();
        tasks.runAll();
        assertThat(link.isOpen()).isFalse();
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aConnectionThatClosesWhileItsStoppedDialOpensIsAnsweredOnce(boolean setup) {
        CompletableFuture<Void> never = new CompletableFuture<>();
        share(
                0,
                128,
                1,
                options -> setup ? options.setup((connection, endpoint) -> never) : options,
                fake -> new LinkWrappingConnector(fake, link -> new ForwardingLink(link) {
                    @Override
                    public boolean isShared() {
                        // As if the peer closed it on another thread, just after the link has said that it is open.
                        ((FakeLink) link).peerResets();
                        return super.isShared();
                    }
                }));
        acquire(1);
        manager.close();
        tasks.runAll();
        connector.nextDial().succeed();
        tasks.runAll();
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
    }

    // ---- the level changes

    @Test
    void moreRoomServesTheWaiters() {
        share(1);
        leases(1);
        List<CompletableFuture<Lease<FakeConnection>>> waiting = acquire(2);
        link().capacity(3);
        tasks.runAll();
        assertThat(waiting).allMatch(CompletableFuture::isDone);
        assertThat(waiting.get(0).join().origin()).isEqualTo(LeaseOrigin.DEFERRED);
    }

    @Test
    void lessRoomEndsNoLease() {
        share(3);
        List<Lease<FakeConnection>> leases = leases(3);
        link().capacity(1);
        CompletableFuture<Lease<FakeConnection>> waiting = acquire(1).get(0);
        assertThat(leases).noneMatch(Lease::isEnded);
        leases.get(0).release();
        leases.get(1).release();
        tasks.runAll();
        assertThat(waiting).as("there are as many leases as it takes").isNotDone();
        leases.get(2).release();
        tasks.runAll();
        assertThat(waiting).isCompleted();
    }

    @Test
    void aConnectionWithoutRoomThatIsIdleEnds() {
        share(2);
        List<Lease<FakeConnection>> leases = leases(1);
        link().capacity(0);
        leases.get(0).release();
        time.advance(Duration.ofSeconds(5));
        tasks.runAll();
        assertThat(told).containsExactly("closed NO_ROOM after 1 uses");
    }

    @Test
    void aLevelAfterTheEndIsIgnored() {
        share(2);
        Lease<FakeConnection> lease = leases(1).get(0);
        FakeLink link = link();
        link.peerCloses();
        link.capacity(7);
        tasks.runAll();
        assertThat(counts().open()).isZero();
        lease.release();
    }

    @Test
    void ofTwoLevelsAtTheSameTimeTheLaterOneCounts() {
        List<Runnable> meanwhile = new ArrayList<>();
        share(1, 128, 1, options -> options.time(new MeanwhileTime(time, meanwhile)));
        leases(1);
        FakeLink link = link();
        // The event of 5 is about to take the lock when another thread sets the level to 2, and overtakes it.
        meanwhile.add(() -> link.capacity(2));
        link.capacity(5);
        assertThat(counts().room()).isEqualTo(1);
        meanwhile.add(() -> link.capacity(4));
        link.capacity(1);
        assertThat(counts().room()).isEqualTo(3);
    }

    @Test
    void aLevelThatComesWhileTheDialSucceedsIsNotLost() {
        for (int late : new int[] {0, 1, 5}) {
            List<Runnable> meanwhile = new ArrayList<>();
            share(2, 128, 1, options -> options.time(new MeanwhileTime(time, meanwhile)));
            CompletableFuture<Lease<FakeConnection>> acquired = acquire(1).get(0);
            // The clock is read at the end of the dial's timings, and before each event: the last one is the success.
            Consumer<Integer> change = ignored -> link().capacity(late);
            meanwhile.add(() -> change.accept(0));
            connector.nextDial().succeed();
            tasks.runAll();
            assertThat(acquired).isCompleted();
            assertThat(counts().room()).isEqualTo(Math.max(0, late - 1));
            acquired.join().release();
            manager.close();
        }
    }

    // ---- mistakes of connectors

    @Test
    void aNegativeLevelIsRefused() {
        share(2);
        leases(1);
        assertThatThrownBy(() -> link().capacity(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("capacity -1 is not allowed: 0 or more");
        assertThat(counts().room()).isEqualTo(1);
    }

    @Test
    void aLevelOfAConnectionThatIsNotSharedIsIgnoredAndToldOnce() {
        share(1);
        connector.notSharing();
        List<CompletableFuture<Lease<FakeConnection>>> acquired = acquire(2);
        succeedDial().capacity(5);
        link().capacity(6);
        tasks.runAll();
        assertThat(acquired.get(1)).isNotDone();
        assertThat(told).containsExactly("the connector threw capacity 5 of connection 1 to line://a:1 is ignored");
        acquired.get(0).join().release();
        tasks.runAll();
        link().capacity(7);
        acquired.get(1).join().release();
        assertThat(counts().idle()).isEqualTo(1);
    }

    @Test
    void anAnswerToAResetOfTheOtherKindIsIgnoredAndTold() {
        List<LinkEvents<FakeConnection>> events = new ArrayList<>();
        share(2, 128, 1, options -> options, fake -> eventsTo(fake, events));
        List<Lease<FakeConnection>> leases = leases(2);
        link().holdResets();
        leases.get(0).release();
        events.get(0).resetDone(true);
        tasks.runAll();
        assertThat(told)
                .containsExactly("the connector threw resetDone without the number of a lease of connection 1 to "
                        + "line://a:1 is ignored");
        assertThat(counts().room()).isZero();
        link().answerReset(1, true);
        assertThat(counts().room()).isEqualTo(1);
    }

    private static LinkEventsKeeper eventsTo(FakeConnector fake, List<LinkEvents<FakeConnection>> kept) {
        return new LinkEventsKeeper(fake, kept);
    }

    /** Keeps what the manager gave the connector, for calls that a fake link does not make. */
    private static final class LinkEventsKeeper extends ForwardingConnector {
        private final List<LinkEvents<FakeConnection>> kept;

        LinkEventsKeeper(FakeConnector scripted, List<LinkEvents<FakeConnection>> kept) {
            super(scripted);
            this.kept = kept;
        }

        @Override
        public Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
            kept.add(events);
            return super.connect(request, events);
        }
    }

    @Test
    void aSharedLinkThatIsOpenedTwiceIsNotClosed() {
        List<LinkEvents<FakeConnection>> events = new ArrayList<>();
        share(2, 128, 1, options -> options, fake -> eventsTo(fake, events));
        leases(1);
        Link<FakeConnection> link = link();
        events.get(0).opened(link);
        tasks.runAll();
        assertThat(link().closeAsked()).isFalse();
    }
}
