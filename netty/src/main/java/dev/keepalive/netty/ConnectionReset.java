package dev.keepalive.netty;

import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import java.util.concurrent.RejectedExecutionException;

/**
 * The reset of a connection between two leases, step by step on its event loop. Two resets of one connection never
 * overlap, so each connection has one such task, and nothing is allocated per lease.
 */
final class ConnectionReset implements Runnable {
    private enum Step {
        /** Tasks of the holder may still be in the queue of the event loop before this one. */
        END_OF_LEASE,
        /** Everything that was written is with the socket. */
        WRITTEN,
        /** The event loop is about to ask its selector. */
        BEFORE_SELECTOR,
        /** Everything that had arrived has been read. */
        AFTER_SELECTOR
    }

    private final NettyLink link;
    private final EventLoop loop;
    /** Passed safely from thread to thread by the event loop's queue and by the manager's state. */
    private Step step = Step.AFTER_SELECTOR;

    ConnectionReset(NettyLink link, EventLoop loop) {
        this.link = link;
        this.loop = loop;
    }

    /**
     * Begins the reset. Never runs inline: {@code release} may be called from a listener inside a decoder that still
     * has input to deliver. Safe from any thread.
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
            case BEFORE_SELECTOR -> execute(Step.AFTER_SELECTOR);
            case AFTER_SELECTOR -> link.cleanUp();
        }
    }

    /** Waits for the selector as {@link AfterSelect} does, without an allocation. */
    private void awaitSelector() {
        if (loop instanceof SingleThreadEventLoop single) {
            step = Step.BEFORE_SELECTOR;
            try {
                single.executeAfterEventLoopIteration(this);
            } catch (RejectedExecutionException shutDown) {
                link.resetImpossible();
            }
        } else {
            execute(Step.AFTER_SELECTOR);
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
