package dev.keepalive.netty;

import dev.keepalive.spi.LinkEvents;
import io.netty.channel.EventLoop;

/**
 * Decides whether the next lease of a connection that speaks a {@link Protocol} may begin: at once if the connection is
 * proven quiet or will be at the end of the read pass, else when the event loop has looked.
 */
final class ProtocolReset {
    private final ProtocolLink<?> link;
    private final LinkEvents<?> events;
    private final QuietProof proof;
    private final AnswerHabit habit;
    private final EventLoop loop;

    ProtocolReset(ProtocolLink<?> link, LinkEvents<?> events, QuietProof proof, AnswerHabit habit, EventLoop loop) {
        this.link = link;
        this.events = events;
        this.proof = proof;
        this.habit = habit;
        this.loop = loop;
    }

    /**
     * A lease has ended. Safe from any thread.
     *
     * @param noTasks whether no task of a holder is still to run
     */
    void begin(boolean noTasks) {
        if (!link.isAtBoundary()) {
            events.resetDone(false);
        } else if (loop.inEventLoop()) {
            onLoop();
        } else if (noTasks && !habit.endsBehindAnswers(loop.ticker()) && proof.releaseElsewhere()) {
            events.resetDone(true);
        } else {
            link.execute(this::later, () -> events.resetDone(false));
        }
    }

    private void later() {
        if (link.isAtBoundary()) {
            onLoop();
        } else {
            events.resetDone(false);
        }
    }

    private void onLoop() {
        if (!link.isIntact() || !proof.release()) {
            events.resetDone(false);
        } else if (!habit.endsBehindAnswers(loop.ticker())) {
            if (proof.needsSelector()) {
                link.proveAfterSelect();
            }
            events.resetDone(true);
        } else if (habit.endsAlways()) {
            events.resetDone(false);
        } else {
            AfterSelect.then(loop, this::afterSelect, () -> events.resetDone(false));
        }
    }

    /** The careful way: the next lease begins only when the selector has been asked. */
    private void afterSelect() {
        events.resetDone(link.isIntact() && proof.prove());
    }
}
