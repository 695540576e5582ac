package dev.keepalive.netty;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts what has been given to the pipeline and is not yet with the socket: at the tail what the holder sends, at the
 * gate what comes of it. Event loop only.
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

    /** Counts a write until this promise is done. */
    ChannelPromise count(ChannelPromise promise) {
        unfinished++;
        return promise.unvoid().addListener(finished);
    }

    boolean isDone() {
        return unfinished == 0;
    }

    /** Runs a task when all that has been written so far is out, or has failed. Now, if that is so already. */
    void whenDone(Runnable task) {
        if (unfinished == 0) {
            task.run();
        } else {
            whenDone.add(task);
        }
    }

    /** What to run each time when nothing is left unwritten; null for nothing. */
    void onFlushed(@Nullable Runnable task) {
        flushed = task;
    }

    private void finished(Future<?> write) {
        if (!write.isSuccess()) {
            someFailed = true;
            // Half a message may be out.
            link.notReusable();
            if (write.cause() instanceof IOException broken && !(broken instanceof ClosedChannelException)) {
                link.recordCause(broken);
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
