package dev.keepalive.netty;

import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import java.util.concurrent.RejectedExecutionException;

/**
 * The clean-up between two leases of a connection, step by step on its event loop. Never two at once, so one is enough
 * for a connection: nothing is made for a lease.
 */
final class ResetTask implements Runnable {
    private enum Step {
        /** The holder may still have asked for something. */
        END_OF_LEASE,
        /** All that was written is out. */
        WRITTEN,
        /** The event loop is about to ask its selector. */
        BEFORE_SELECTOR,
        /** What had arrived has been read. */
        BEHIND_SELECTOR
    }

    private final NettyLink link;
    private final EventLoop loop;
    /** Handed from thread to thread by the tasks, and by the leases. */
    private Step step = Step.BEHIND_SELECTOR;

    ResetTask(NettyLink link, EventLoop loop) {
        this.link = link;
        this.loop = loop;
    }

    /**
     * Always a task of its own: a listener may be calling, whom a decoder calls that has more to say. From any thread.
     */
    void begin() {
        execute(Step.END_OF_LEASE);
    }

    @Override
    public void run() {
        switch (step) {
            case END_OF_LEASE -> {
                link.endLease();
                step = Step.WRITTEN;
                link.writes().whenDone(this);
            }
            case WRITTEN -> awaitSelector();
            case BEFORE_SELECTOR -> execute(Step.BEHIND_SELECTOR);
            case BEHIND_SELECTOR -> link.cleanUp();
        }
    }

    /** As {@link AfterSelect} does. */
    private void awaitSelector() {
        if (loop instanceof SingleThreadEventLoop single) {
            step = Step.BEFORE_SELECTOR;
            try {
                single.executeAfterEventLoopIteration(this);
            } catch (RejectedExecutionException shutDown) {
                link.resetImpossible();
            }
        } else {
            execute(Step.BEHIND_SELECTOR);
        }
    }

    private void execute(Step next) {
        step = next;
        try {
            loop.execute(this);
        } catch (RejectedExecutionException shutDown) {
            link.resetImpossible();
        }
    }
}
