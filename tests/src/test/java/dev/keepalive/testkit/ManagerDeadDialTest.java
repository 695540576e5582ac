package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException;
import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.Phase;
import dev.keepalive.Timings;
import dev.keepalive.spi.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A connection that ends between the success of its dial and its first lease: a failed dial. The end comes while the
 * manager reads its clock, which is after the dial's success and before the machine hears of it.
 */
class ManagerDeadDialTest extends ManagerRig {
    private final List<String> told = new ArrayList<>();
    private @Nullable Consumer<FakeLink> meanwhile;

    private final ConnectionListener listener = new ConnectionListener() {
        @Override
        public void opened(Endpoint endpoint, Timings dial) {
            told.add("opened");
        }

        @Override
        public void failed(AcquireException failure) {
            told.add("failed in " + failure.phase());
        }

        @Override
        public void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
            told.add("closed " + reason + " after " + uses + " uses");
        }
    };

    @BeforeEach
    void replaceManager() {
        replaceManager(4, 1, options -> options.listener(listener).time(new TimeSource() {
            @Override
            public long nanoTime() {
                Consumer<FakeLink> end = meanwhile;
                meanwhile = null;
                if (end != null) {
                    connector.links().forEach(end);
                }
                return time.nanoTime();
            }

            @Override
            public Alarm alarm(String name, Runnable onAlarm) {
                return time.alarm(name, onAlarm);
            }
        }));
    }

    @AfterEach
    void letConnectionsLive() {
        meanwhile = null;
    }

    @Test
    void theWaiterIsToldAndNothingMoreIsDialedForIt() {
        CompletableFuture<Lease<FakeConnection>> acquired = openedAndThen(FakeLink::peerCloses);
        assertThat(failure(acquired))
                .isInstanceOf(AcquireException.DialFailed.class)
                .hasMessageContaining("the peer closed the connection before its first lease")
                .extracting(failure -> ((AcquireException) failure).phase())
                .isEqualTo(Phase.CONNECT);
        assertThat(connector.dials()).hasSize(1);
        assertThat(told).containsExactly("opened", "failed in connect", "closed PEER_CLOSED after 0 uses");
    }

    @Test
    void theFailureHasTheErrorThatBrokeTheConnection() {
        assertThat(failure(openedAndThen(FakeLink::peerResets)))
                .hasMessageContaining("Connection reset")
                .rootCause()
                .hasMessage("Connection reset");
    }

    @Test
    void theSecondInARowPausesTheEndpointWithTheSameError() {
        openedAndThen(FakeLink::peerCloses);
        openedAndThen(FakeLink::peerCloses);
        assertThat(failure(manager.acquire(A)))
                .hasMessageContaining("not dialed, since other dials failed just before")
                .hasMessageContaining("the peer closed the connection before its first lease");
        assertThat(connector.dials()).hasSize(2);
    }

    @Test
    void aConnectionThatNoWaiterNeedsAnyMoreCountsToo() {
        openedAndThen(FakeLink::peerCloses);
        CompletableFuture<Lease<FakeConnection>> given = manager.acquire(A);
        tasks.runAll();
        given.cancel(false);
        meanwhile = FakeLink::peerCloses;
        succeedDial();
        assertThat(failure(manager.acquire(A)))
                .hasMessageContaining("not dialed, since other dials failed just before")
                .hasMessageContaining("the peer closed the connection before its first lease");
    }

    private CompletableFuture<Lease<FakeConnection>> openedAndThen(Consumer<FakeLink> end) {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        FakeDial dial = connector.nextDial();
        meanwhile = end;
        dial.succeed();
        tasks.runAll();
        return acquired;
    }
}
