package dev.keepalive.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionListener;
import dev.keepalive.Endpoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ListenerDispatcherTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final List<String> calls = new ArrayList<>();

    @Test
    void aListenerThatThrowsIsToldThatItThrew() {
        ListenerDispatcher listeners = new ListenerDispatcher("m", new ThrowingListener(false), tasks::add);
        listeners.closeOverdue(A);
        listeners.tell(listener -> listener.eventsDropped(7));
        runAll();
        assertThat(calls).containsExactly("the listener overdue", "missed 7");
    }

    @Test
    void aListenerThatThrowsInUserCodeThrewIsNotToldAgain() {
        ListenerDispatcher listeners = new ListenerDispatcher("m", new ThrowingListener(true), tasks::add);
        listeners.closeOverdue(A);
        listeners.userCodeThrew("a callback", new IllegalStateException("mine"));
        runAll();
        assertThat(calls).containsExactly("the listener overdue", "a callback mine");
    }

    @Test
    void anExecutorThatThrowsDoesNotSilenceTheListener() {
        AtomicInteger refusals = new AtomicInteger(1);
        ListenerDispatcher listeners = new ListenerDispatcher("m", new ThrowingListener(false), task -> {
            if (refusals.getAndDecrement() > 0) {
                throw new OutOfMemoryError("full");
            }
            tasks.add(task);
        });
        listeners.tell(listener -> listener.eventsDropped(1));
        assertThat(tasks).isEmpty();
        listeners.resume();
        runAll();
        assertThat(calls).containsExactly("missed 1");
    }

    @Test
    void aTaskThatIsCutShortIsFollowedByAnother() {
        AtomicInteger accepted = new AtomicInteger(1);
        ListenerDispatcher listeners = new ListenerDispatcher("m", new ThrowingListener(false), task -> {
            if (accepted.getAndDecrement() == 0) {
                throw new OutOfMemoryError("full");
            }
            tasks.add(task);
        });
        listeners.tell(listener -> listener.closeOverdue(A));
        runAll(); // the warning that the listener threw cannot be logged
        listeners.tell(listener -> listener.eventsDropped(2));
        runAll();
        assertThat(calls).containsExactly("missed 2");
    }

    private void runAll() {
        for (int ran = 0; !tasks.isEmpty(); ran++) {
            tasks.remove().run();
            assertThat(ran).as("tasks that ran").isLessThan(100);
        }
    }

    /** A listener that throws in {@code closeOverdue}, and, if the test says so, in {@code userCodeThrew}. */
    private final class ThrowingListener implements ConnectionListener {
        private final boolean throwsInUserCodeThrew;

        ThrowingListener(boolean throwsInUserCodeThrew) {
            this.throwsInUserCodeThrew = throwsInUserCodeThrew;
        }

        @Override
        public void closeOverdue(Endpoint endpoint) {
            throw new IllegalStateException("overdue");
        }

        @Override
        public void userCodeThrew(String who, Throwable thrown) {
            calls.add(who + " " + thrown.getMessage());
            if (throwsInUserCodeThrew) {
                throw new IllegalStateException("misbehaved");
            }
        }

        @Override
        public void eventsDropped(long events) {
            calls.add("missed " + events);
        }
    }
}
