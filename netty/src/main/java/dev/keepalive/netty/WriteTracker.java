package dev.keepalive.netty;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts the writes that have entered the pipeline and are not yet with the socket: those of the holder at the last
 * handler of the pipeline, and those of other handlers at the {@link InputGuard}. Event loop only.
 */
final class WriteTracker {
    private final NettyLink link;
    private final List<Runnable> whenDone = new ArrayList<>(0);
    private final ChannelFutureListener finished = this::finished;
    private @Nullable Runnable flushed;
    private int unfinished;
    private boolean someFailed;

    WriteTracker(NettyLink link) {
        this.link = link;
    }

    /**
     * Counts a write until its promise is done.
     *
     * @return the promise to pass on
     */
    ChannelPromise count(ChannelPromise promise) {
        unfinished++;
        return promise.unvoid().addListener(finished);
    }

    boolean isDone() {
        return unfinished == 0;
    }

    /** Runs a task when every write so far has succeeded or failed; within this call if that is so already. */
    void whenDone(Runnable task) {
        if (unfinished == 0) {
            task.run();
        } else {
            whenDone.add(task);
        }
    }

    /** Sets the task to run each time nothing is left unwritten, or null for none. */
    void onFlushed(@Nullable Runnable task) {
        flushed = task;
    }

    private void finished(Future<?> write) {
        if (!write.isSuccess()) {
            someFailed = true;
            // Half a message may have been sent.
            link.markNotReusable();
            if (write.cause() instanceof IOException broken) {
                link.streamEnd().recordCause(broken);
            }
        }
        unfinished--;
        if (unfinished == 0) {
            allDone();
        }
    }

    private void allDone() {
        boolean allOut = !someFailed;
        someFailed = false;
        if (!whenDone.isEmpty()) {
            List<Runnable> waiting = List.copyOf(whenDone);
            whenDone.clear();
            waiting.forEach(Runnable::run);
        }
        if (allOut && flushed != null) {
            flushed.run();
        }
    }
}
