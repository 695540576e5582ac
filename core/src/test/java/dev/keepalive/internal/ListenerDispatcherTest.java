package dev.keepalive.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionListener;
import dev.keepalive.Endpoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class ListenerDispatcherTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final List<String> told = new ArrayList<>();

    @Test
    void aListenerThatThrowsIsToldOfIt() {
        ListenerDispatcher listeners = new ListenerDispatcher("m", new Throwing(false), tasks::add);
        listeners.closeOverdue(A);
        listeners.tell(listener -> listener.eventsDropped(7));
        runAll();
        assertThat(told).containsExactly("the listener overdue", "dropped 7");
    }

    @Test
    void aListenerThatThrowsInUserCodeThrewIsNotToldAgain() {
        ListenerDispatcher listeners = new ListenerDispatcher("m", new Throwing(true), tasks::add);
        listeners.closeOverdue(A);
        listeners.userCodeThrew("a callback", new IllegalStateException("mine"));
        runAll();
        assertThat(told).containsExactly("the listener overdue", "a callback mine");
    }

    private void runAll() {
        for (int ran = 0; !tasks.isEmpty(); ran++) {
            tasks.remove().run();
            assertThat(ran).as("tasks that ran").isLessThan(100);
        }
    }

    /** Throws when a close is overdue, and, if {@code always}, when it is told that user code threw. */
    private final class Throwing implements ConnectionListener {
        private final boolean always;

        Throwing(boolean always) {
            this.always = always;
        }

        @Override
        public void closeOverdue(Endpoint endpoint) {
            throw new IllegalStateException("overdue");
        }

        @Override
        public void userCodeThrew(String who, Throwable thrown) {
            told.add(who + " " + thrown.getMessage());
            if (always) {
                throw new IllegalStateException("thrown by userCodeThrew");
            }
        }

        @Override
        public void eventsDropped(long events) {
            told.add("dropped " + events);
        }
    }
}
