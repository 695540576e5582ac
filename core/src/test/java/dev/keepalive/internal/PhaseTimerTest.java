package dev.keepalive.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.machine.Machine;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.LinkEvents;
import dev.keepalive.spi.TimeSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class PhaseTimerTest {
    private int reads;
    private int readsWithinEvents;

    /** The clock is foreign code, and an event holds the machine's lock. */
    @Test
    void noClockIsReadWithinAnEvent() {
        ConnectionManager<String> manager = ConnectionManager.builder(new SilentConnector())
                .time(new WatchedClock())
                .callbackExecutor(Runnable::run)
                .build();
        CompletableFuture<?> acquired = manager.acquire(Endpoint.of("line", "a", 1));
        manager.close();

        assertThat(acquired).isCompletedExceptionally();
        assertThat(reads).as("reads").isPositive();
        assertThat(readsWithinEvents).as("reads within events").isZero();
    }

    /** A clock that notices if the machine reads it. */
    private final class WatchedClock implements TimeSource {
        @Override
        public long nanoTime() {
            reads++;
            boolean withinEvent = StackWalker.getInstance()
                    .walk(frames ->
                            frames.anyMatch(frame -> frame.getClassName().equals(Machine.class.getName())));
            readsWithinEvents += withinEvent ? 1 : 0;
            return reads;
        }

        @Override
        public Alarm alarm(String name, Runnable onAlarm) {
            return new Alarm() {
                @Override
                public void set(long nanosFromNow) {
                    // it never goes off
                }

                @Override
                public void close() {
                    // nothing to close
                }
            };
        }
    }

    /** A connector whose dials have no end. */
    private static final class SilentConnector implements Connector<String> {
        @Override
        public void claim() {
            // there is only one manager
        }

        @Override
        public void requireSupported(Endpoint endpoint) {
            // every endpoint is supported
        }

        @Override
        public Dial connect(DialRequest request, LinkEvents<String> events) {
            return () -> {};
        }

        @Override
        public CompletionStage<?> close() {
            return CompletableFuture.completedFuture(null);
        }
    }
}
