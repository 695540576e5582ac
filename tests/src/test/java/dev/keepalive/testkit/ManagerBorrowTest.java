package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What may happen to a connection that somebody has helped himself to, so that the machine does not know of it. */
class ManagerBorrowTest extends ManagerRig {
    /** A lease of the only connection, which was idle. */
    private Lease<FakeConnection> borrowed() {
        leased().release();
        return Objects.requireNonNull(manager.tryAcquire(A));
    }

    @Test
    void aManagerThatIsClosedWhileAnIdleConnectionIsInUseHasCutSomethingShort() {
        Lease<FakeConnection> held = borrowed();
        manager.close();
        tasks.runAll();
        assertThat(held.connection().link().isOpen()).isFalse();
        held.release();
        assertThat(manager.drain(Duration.ZERO)).isCompletedWithValue(false);
    }

    @Test
    void aManagerThatIsClosedWhenEverythingIsBroughtBackHasCutNothingShort() {
        borrowed().release();
        manager.close();
        tasks.runAll();
        assertThat(manager.drain(Duration.ZERO)).isCompletedWithValue(true);
    }

    /** What a link does while it is asked to be clean. */
    private Runnable during = () -> {};

    private void linksThatAct() {
        through(outer -> new ForwardingConnector(outer) {
            @Override
            public Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
                return super.connect(request, new WrappedEvents(events) {
                    @Override
                    public void opened(Link<FakeConnection> link) {
                        super.opened(new WrappedLink(link) {
                            @Override
                            public void reset(long number) {
                                during.run();
                                super.reset(number);
                            }
                        });
                    }
                });
            }
        });
    }

    @Test
    void whatALinkAnswersASecondTimeIsNotTakenForTheAnswerToTheNextReset() {
        linksThatAct();
        Lease<FakeConnection> held = borrowed();
        FakeLink link = held.connection().link();
        held.release();
        link.answerReset(true);
        Lease<FakeConnection> next = Objects.requireNonNull(manager.tryAcquire(A));
        link.holdResets();
        List<CompletableFuture<Lease<FakeConnection>>> waiting = new ArrayList<>();
        during = () -> waiting.add(manager.acquire(A));
        next.release();
        during = () -> {};
        tasks.runAll();
        assertThat(link.resetAsked()).isTrue();
        assertThat(waiting.get(0)).as("before the connection is clean").isNotDone();
        link.answerReset(true);
        tasks.runAll();
        assertThat(waiting.get(0)).isDone();
        assertThat(waiting.get(0).join().uses()).isEqualTo(4);
    }

    @Test
    void whatSomebodyHasHelpedHimselfToIsReleasedToWhoWaits() {
        Lease<FakeConnection> held = borrowed();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        assertThat(manager.tryAcquire(A)).isNull();
        held.release();
        tasks.runAll();
        assertThat(waiting).isDone();
        assertThat(waiting.join().uses()).isEqualTo(3);
        assertThat(waiting.join().origin()).isEqualTo(LeaseOrigin.DEFERRED);
    }

    @Test
    void whatBecomesAnotherEndpointsIsNotToBeHadAtItsFormerOne() {
        borrowed().releaseAs(B);
        assertThat(manager.tryAcquire(A)).isNull();
        Lease<FakeConnection> there = Objects.requireNonNull(manager.tryAcquire(B));
        assertThat(there.connection().link().endpoint()).isEqualTo(B);
        there.releaseAs(A);
        assertThat(manager.tryAcquire(B)).isNull();
        assertThat(Objects.requireNonNull(manager.tryAcquire(A))
                        .connection()
                        .link()
                        .endpoint())
                .isEqualTo(A);
    }

    @Test
    void whatBecomesAnotherEndpointsServesThatOneOnlyWhileItIsCleanedUpByAndBy() {
        Lease<FakeConnection> held = borrowed();
        FakeLink link = held.connection().link();
        link.holdResets();
        held.releaseAs(B);
        assertThat(manager.tryAcquire(A)).isNull();
        assertThat(manager.tryAcquire(B)).isNull();
        link.answerReset(true);
        assertThat(manager.tryAcquire(A)).isNull();
        assertThat(manager.tryAcquire(B)).isNotNull();
    }

    @Test
    void whatALinkRefusesToBecomeIsHeldAndReleasedAsWhatItIs() {
        Lease<FakeConnection> held = borrowed();
        Endpoint unknown = Endpoint.of("unknown", "a", 1);
        assertThatThrownBy(() -> held.releaseAs(unknown)).isInstanceOf(IllegalArgumentException.class);
        assertThat(held.release()).isTrue();
        assertThat(manager.tryAcquire(A)).isNotNull();
    }

    @Test
    void anInvalidatedOneIsClosedAndAnotherOneOpenedForWhoWaits() {
        Lease<FakeConnection> held = borrowed();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        assertThat(held.invalidate()).isTrue();
        assertThat(held.release()).isFalse();
        dialled();
        assertThat(waiting.join().origin()).isEqualTo(LeaseOrigin.NEW);
    }
}
