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

/** Fault catalogue, B: a mistake of a connector, or a fact that it tells twice, neither loses nor invents a permit. */
@SuppressWarnings("NullAway") // connectors that give null where none is allowed
class FaultsOfConnectorsTest extends ManagerRig {
    @Test
    @Tag("B07")
    void aFailureThatIsToldInEveryWayCountsOnce() {
        firstDial((events, dial) -> {
            dial.refuse();
            dial.refuse();
            events.closed(new IOException("told as closed too"));
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
            throw new IllegalStateException("thrown too");
        });
        assertThat(failure(acquired())).hasMessageContaining("Connection refused");
        assertThat(manager.snapshot().totals().dialsFailed()).isEqualTo(1);
    }

    /** What a connector does wrong when it is asked to dial. */
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
    void aDialThatGoesWrongInTheConnectorReturnsItsPermitAtOnce(WrongDial wrong) {
        firstDial(wrong.answer);
        assertThat(failure(acquired())).isInstanceOf(AcquireException.DialFailed.class);
        assertThat(manager.snapshot().all().open()).isZero();
    }

    @Test
    @Tag("B14")
    void aHandleThatCannotBeMadeLeavesTheLeaseToItsHolder() {
        links(link -> new ForwardingLink(link) {
            @Override
            public FakeConnection handle(Lease<FakeConnection> lease, long number) {
                throw new IllegalStateException("thrown on purpose");
            }
        });
        Lease<FakeConnection> lease = acquired().join();
        assertThatThrownBy(lease::connection).hasMessage("thrown on purpose");
        assertThat(lease.release()).isTrue();
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
    }

    @Test
    @Tag("B14")
    void aResetThatThrowsClosesItsConnection() {
        links(link -> new ForwardingLink(link) {
            @Override
            public void reset(long number) {
                throw new StackOverflowError("thrown on purpose");
            }
        });
        assertThat(acquired().join().release()).isTrue();
        tasks.runAll();
        assertThat(manager.snapshot().all().open()).isZero();
        assertThat(connector.openLinks()).isZero();
        linkWrapper = link -> link;
    }

    @Test
    @Tag("B14")
    void aCloseThatThrowsKeepsItsPermitOnlyUntilTheConnectionIsGone() {
        links(link -> new ForwardingLink(link) {
            @Override
            public void close() {
                throw new IllegalStateException("thrown on purpose");
            }
        });
        acquired().join().invalidate();
        tasks.runAll();
        assertThat(manager.snapshot().all().closing()).isEqualTo(1);
        connector.links().forEach(FakeLink::peerCloses);
        assertThat(manager.snapshot().all().open()).isZero();
        linkWrapper = link -> link;
    }

    @Test
    @Tag("B14")
    void aStopThatThrowsKeepsItsPermitOnlyUntilTheDialIsAnswered() {
        firstDial((events, dial) -> () -> {
            throw new IllegalStateException("thrown on purpose");
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
    void aDialThatIsStoppedBeforeTheConnectorReturnsItIsStoppedAfterwards() {
        firstDial((events, dial) -> {
            manager.close();
            tasks.runAll();
            assertThat(dial.isStopped())
                    .as("the manager does not have the dial yet")
                    .isFalse();
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
     * A reset is the only check of a connection. The manager sends the peer nothing, and takes no byte from the stream.
     */
    @Test
    @Tag("G21")
    void aResetThatHangsClosesItsConnectionAfterFiveSecondsAndTheWaiterGetsANewOne() {
        Lease<FakeConnection> held = lease();
        FakeLink link = held.connection().link();
        link.holdResets();
        held.release();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        time.advance(Duration.ofSeconds(5));
        succeedDial();
        assertThat(waiting.join().origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(link.isOpen()).isFalse();
        link.answerReset(true);
        tasks.runAll();
        assertThat(connector.openLinks()).as("too late").isEqualTo(1);
        waiting.join().release();
    }

    // ---- odd connectors

    /** Replaces the answer to the first dial; all other dials succeed at once. */
    private void firstDial(BiFunction<LinkEvents<FakeConnection>, FakeDial, @Nullable Dial> answer) {
        replaceManager(inner -> new ForwardingConnector(inner) {
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

    private UnaryOperator<Link<FakeConnection>> linkWrapper = link -> link;

    /** All dials succeed at once, and each new link is wrapped, until a test resets {@code linkWrapper}. */
    private void links(UnaryOperator<Link<FakeConnection>> wrapper) {
        linkWrapper = wrapper;
        replaceManager(inner -> new ForwardingConnector(inner) {
            @Override
            public Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
                inner.answerAtOnce();
                return super.connect(request, new ForwardingLinkEvents(events) {
                    @Override
                    public void opened(Link<FakeConnection> link) {
                        super.opened(linkWrapper.apply(link));
                    }
                });
            }
        });
    }
}
