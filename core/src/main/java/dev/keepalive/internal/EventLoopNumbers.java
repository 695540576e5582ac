package dev.keepalive.internal;

import dev.keepalive.spi.Link;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Numbers the connector's event loops, from 1, so that the machine can compare them. It keeps no loop alive. Safe from
 * any thread.
 */
final class EventLoopNumbers {
    /** How many event loops get a number; a loop beyond them counts as none. */
    private static final int MOST_LOOPS = 1024;

    private final List<WeakReference<Executor>> known = new CopyOnWriteArrayList<>();

    /** The loop's number; 0 for none. */
    int numberOf(@Nullable Executor loop) {
        if (loop == null) {
            return 0;
        }
        int number = find(loop);
        return number > 0 ? number : add(loop);
    }

    /** The number of the link's event loop; 0 for none, or if the connector throws. */
    int numberOf(Link<?> link, ListenerDispatcher listeners) {
        try {
            return numberOf(link.eventLoop());
        } catch (Throwable thrown) {
            listeners.userCodeThrew("the connector's eventLoop", thrown);
            return 0;
        }
    }

    /** The loop with this number; null for 0, and if the loop is garbage. */
    @Nullable
    Executor loop(int number) {
        return number == 0 ? null : known.get(number - 1).get();
    }

    private int find(Executor loop) {
        int number = 0;
        for (WeakReference<Executor> each : known) {
            number++;
            if (each.refersTo(loop)) {
                return number;
            }
        }
        return 0;
    }

    private synchronized int add(Executor loop) {
        int number = find(loop);
        if (number == 0 && known.size() < MOST_LOOPS) {
            known.add(new WeakReference<>(loop));
            number = known.size();
        }
        return number;
    }
}
