package dev.keepalive;

import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What is cleaned up between two who use it: the answer may come at once, by and by, or twice. There may be very many, so it is no object of its own. Safe from
 * any thread.
 */
abstract class Cleaned {
    private enum Answer {
        AWAITED,
        /** It is known that the answer is still to come. */
        ANNOUNCED,
        QUIET,
        UNQUIET
    }

    private static final VarHandle ANSWER;

    static {
        try {
            ANSWER = MethodHandles.lookup().findVarHandle(Cleaned.class, "answer", Answer.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private volatile Answer answer = Answer.AWAITED;

    /** From now on an answer is awaited. */
    final void awaitQuiet() {
        answer = Answer.AWAITED;
    }

    /** Has the connection cleaned up; what is thrown is an answer as well. */
    static void cleanUp(Link<?> link, Reports reports, LinkEvents<?> events) {
        try {
            link.reset();
        } catch (Throwable thrown) {
            reports.misbehaved("the connector's reset", thrown);
            events.reset(false);
        }
    }

    /** @return true if the answer is to be brought to whoever waits for it, by whoever brings it here */
    final boolean isAnnounced(boolean quiet) {
        Answer brought = quiet ? Answer.QUIET : Answer.UNQUIET;
        return !ANSWER.compareAndSet(this, Answer.AWAITED, brought)
                && ANSWER.compareAndSet(this, Answer.ANNOUNCED, brought);
    }

    /** Whether the connection is quiet; null if that is not known yet. */
    @Nullable
    final Boolean isQuiet() {
        Answer now = answer;
        return now == Answer.QUIET ? Boolean.TRUE : now == Answer.UNQUIET ? Boolean.FALSE : null;
    }

    /** From now on the answer goes by itself to whoever waits for it; what came before is returned, and goes nowhere. */
    @Nullable
    final Boolean announce() {
        return ANSWER.compareAndSet(this, Answer.AWAITED, Answer.ANNOUNCED) ? null : isQuiet();
    }
}
