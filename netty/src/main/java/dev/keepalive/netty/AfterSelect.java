package dev.keepalive.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import java.util.concurrent.RejectedExecutionException;

/**
 * Runs tasks after an event loop has asked its selector once more, which it does between two iterations. Only then is
 * it certain that the loop has read what had arrived at a socket, and that the descriptor of a closed channel is back
 * with the system.
 */
final class AfterSelect {
    private AfterSelect() {}

    /**
     * Runs a task on the event loop after it has asked the selector once more; never before this method returns. To be
     * called on the loop.
     *
     * @param ifShutDown what to run instead, within this call, if the loop takes no more tasks
     */
    static void then(EventLoop loop, Runnable task, Runnable ifShutDown) {
        try {
            if (loop instanceof SingleThreadEventLoop single) {
                single.executeAfterEventLoopIteration(() -> execute(loop, task, ifShutDown));
            } else {
                // Without a selector: after all that the present task is about to submit.
                loop.execute(() -> execute(loop, task, ifShutDown));
            }
        } catch (RejectedExecutionException e) {
            ifShutDown.run();
        }
    }

    /**
     * Runs a task when the channel and its descriptor are closed: on the event loop, or on any thread if the loop is
     * shut down by then.
     */
    static void whenClosed(Channel channel, EventLoop loop, Runnable task) {
        channel.closeFuture().addListener(closed -> then(loop, task, task));
    }

    private static void execute(EventLoop loop, Runnable task, Runnable ifShutDown) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            ifShutDown.run();
        }
    }
}
