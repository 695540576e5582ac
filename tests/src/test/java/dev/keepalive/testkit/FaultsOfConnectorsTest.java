package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireException;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Fault catalogue, B: what a connector does wrong, or tells in more ways than one, costs no permit and invents none.
 */
@SuppressWarnings("NullAway") // connectors that give null where none is allowed
class FaultsOfConnectorsTest extends ManagerRig {
    @Test
    @Tag("B07")
    void aFailureThatIsToldInEveryWayCountsOnce() {
        firstDial((events, dial) -> {
            dial.refuse();
            dial.refuse();
            events.closed(new IOException("and it is closed"));
            return dial;
        });
        assertThat(failure(acquired())).hasMessageContaining("Connection refused");
        assertThat(manager.snapshot().totals().dialsFailed()).isEqualTo(1);
    }

    @Test
    @Tag("B07")
    void aFailureThatIsToldAndThrownCountsOnce() {
        firstDial((events, dial) -> {
            dial.refuse();
            throw new IllegalStateException("and thrown");
        });
        assertThat(failure(acquired())).hasMessageContaining("Connection refused");
        assertThat(manager.snapshot().totals().dialsFailed()).isEqualTo(1);
    }

    /** What a connector may do wrong in place of a dial. */
    enum WrongDial {
        THROWS((events, dial) -> {
            throw new IllegalStateException("wrong");
        }),
        THROWS_AN_ERROR((events, dial) -> {
            throw new OutOfMemoryError("wrong");
        }),
        RETURNS_NOTHING((events, dial) -> null),
        OPENS_NOTHING((events, dial) -> {
            events.opened(null);
            return dial;
        }),
        FAILS_WITH_NOTHING((events, dial) -> {
            events.failed(null);
            return dial;
        });

        private final BiFunction<LinkEvents<FakeConnection>, FakeDial, @Nullable Dial> answer;

        WrongDial(BiFunction<LinkEvents<FakeConnection>, FakeDial, @Nullable Dial> answer) {
            this.answer = answer;
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("B14")
    @Tag("F10")
    void aDialThatGoesWrongInTheConnectorGivesThePlaceBackAtOnce(WrongDial wrong) {
        firstDial(wrong.answer);
        assertThat(failure(acquired())).isInstanceOf(AcquireException.DialFailed.class);
        assertThat(manager.snapshot().all().open()).isZero();
    }

    @Test
    @Tag("B14")
    void aHandleThatCannotBeMadeLeavesTheLeaseToItsHolder() {
        links(link -> new WrappedLink(link) {
            @Override
            public FakeConnection handle(Lease<FakeConnection> lease, long number) {
                throw new IllegalStateException("rude");
            }
        });
        Lease<FakeConnection> lease = acquired().join();
        assertThatThrownBy(lease::connection).hasMessage("rude");
        assertThat(lease.release()).isTrue();
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
    }

    @Test
    @Tag("B14")
    void aResetThatThrowsEndsItsConnection() {
        links(link -> new WrappedLink(link) {
            @Override
            public void reset(long number) {
                throw new StackOverflowError("rude");
            }
        });
        assertThat(acquired().join().release()).isTrue();
        tasks.runAll();
        assertThat(manager.snapshot().all().open()).isZero();
        assertThat(connector.openLinks()).isZero();
        rude = link -> link;
    }

    @Test
    @Tag("B14")
    void aCloseThatThrowsKeepsItsPermitOnlyUntilTheConnectionIsGone() {
        links(link -> new WrappedLink(link) {
            @Override
            public void close() {
                throw new IllegalStateException("rude");
            }
        });
        acquired().join().invalidate();
        tasks.runAll();
        assertThat(manager.snapshot().all().closing()).isEqualTo(1);
        connector.links().forEach(FakeLink::peerCloses);
        assertThat(manager.snapshot().all().open()).isZero();
        rude = link -> link;
    }

    @Test
    @Tag("B14")
    void aStopThatThrowsKeepsItsPermitOnlyUntilTheDialIsAnswered() {
        firstDial((events, dial) -> () -> {
            throw new IllegalStateException("rude");
        });
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        time.advance(Duration.ofSeconds(30));
        tasks.runAll();
        assertThat(failure(acquired)).isInstanceOf(AcquireException.DialFailed.class);
        assertThat(manager.snapshot().all().closing()).isEqualTo(1);
        connector.dials().get(0).refuse();
        assertThat(manager.snapshot().all().open()).isZero();
    }

    @Test
    @Tag("J02")
    void aDialThatIsStoppedBeforeTheConnectorHasReturnedItIsStoppedThen() {
        firstDial((events, dial) -> {
            manager.close();
            tasks.runAll();
            assertThat(dial.isStopped()).as("nobody could yet").isFalse();
            return dial;
        });
        assertThat(failure(acquired())).isInstanceOf(AcquireException.Closed.class);
        assertThat(connector.dials().get(0).isStopped()).isTrue();
    }

    private CompletableFuture<Lease<FakeConnection>> acquired() {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        return acquired;
    }

    /**
     * Nothing else is done to see whether a connection is well: no question is asked of the peer, no byte is taken from
     * the stream.
     */
    @Test
    @Tag("G21")
    void aCleanUpThatHangsCostsItsConnectionAfterFiveSecondsAndItsWaiterGetsANewOne() {
        Lease<FakeConnection> held = leased();
        FakeLink link = held.connection().link();
        link.holdResets();
        held.release();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        time.advance(Duration.ofSeconds(5));
        dialled();
        assertThat(waiting.join().origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(link.isOpen()).isFalse();
        link.answerReset(true);
        tasks.runAll();
        assertThat(connector.openLinks()).as("too late").isEqualTo(1);
        waiting.join().release();
    }

    // ---- odd connectors

    /** The first dial is answered by this; all others succeed at once. */
    private void firstDial(BiFunction<LinkEvents<FakeConnection>, FakeDial, @Nullable Dial> answer) {
        through(inner -> new ForwardingConnector(inner) {
            private boolean first = true;

            @Override
            public @Nullable Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
                Dial dial = super.connect(request, events);
                if (!first) {
                    return dial;
                }
                first = false;
                FakeDial odd = inner.nextDial();
                inner.answerAtOnce();
                return answer.apply(events, odd);
            }
        });
    }

    private UnaryOperator<Link<FakeConnection>> rude = link -> link;

    /** All dials succeed, with links made by this, until a test changes its mind. */
    private void links(UnaryOperator<Link<FakeConnection>> made) {
        rude = made;
        through(inner -> new ForwardingConnector(inner) {
            @Override
            public Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
                inner.answerAtOnce();
                return super.connect(request, new WrappedEvents(events) {
                    @Override
                    public void opened(Link<FakeConnection> link) {
                        super.opened(rude.apply(link));
                    }
                });
            }
        });
    }
}
