package dev.keepalive;

import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The clean-up of a connection between two who use it: its answer may come at once, by and by, or twice. Safe from any thread. */
final class CleanUp {
    private enum Answer {
        AWAITED,
        /** It is known that the answer is still to come. */
        ANNOUNCED,
        QUIET,
        UNQUIET
    }

    private final AtomicReference<Answer> answer = new AtomicReference<>(Answer.AWAITED);

    /** From now on an answer is awaited. */
    void await() {
        answer.set(Answer.AWAITED);
    }

    /** Has the connection cleaned up; what is thrown is an answer as well. */
    static void run(Link<?> link, Reports reports, LinkEvents<?> events) {
        try {
            link.reset();
        } catch (Throwable thrown) {
            reports.misbehaved("the connector's reset", thrown);
            events.reset(false);
        }
    }

    /** @return true if the answer is to be brought to whoever waits for it, by whoever brings it here */
    boolean answered(boolean quiet) {
        Answer brought = quiet ? Answer.QUIET : Answer.UNQUIET;
        Answer before = answer.getAndUpdate(now -> now == Answer.AWAITED || now == Answer.ANNOUNCED ? brought : now);
        return before == Answer.ANNOUNCED;
    }

    /** Whether the connection is quiet; null if that is not known yet. */
    @Nullable
    Boolean isQuiet() {
        Answer now = answer.get();
        return now == Answer.QUIET ? Boolean.TRUE : now == Answer.UNQUIET ? Boolean.FALSE : null;
    }

    /** From now on the answer goes by itself to whoever waits for it; what came before is returned, and goes nowhere. */
    @Nullable
    Boolean announce() {
        return answer.compareAndSet(Answer.AWAITED, Answer.ANNOUNCED) ? null : isQuiet();
    }
}
