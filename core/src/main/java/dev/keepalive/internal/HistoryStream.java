package dev.keepalive.internal;

import dev.keepalive.machine.history.HistoryWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes a machine's history to a stream, in portions, on the manager's executor. If the stream throws, or is too slow,
 * the recording ends; the manager goes on. Safe from any thread.
 */
final class HistoryStream {
    private static final int PORTION = 16 * 1024;
    private static final int MOST_PORTIONS = 1024;

    private final HistoryWriter history;
    private final OutputStream stream;
    private final Executor executor;
    private final ListenerDispatcher listeners;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<byte[]> portions = new ArrayDeque<>();
    private final Runnable writer = this::write;
    private boolean writing;
    private boolean ended;

    HistoryStream(HistoryWriter history, OutputStream stream, Executor executor, ListenerDispatcher listeners) {
        this.history = history;
        this.stream = stream;
        this.executor = executor;
        this.listeners = listeners;
    }

    /**
     * Takes a portion from the history, if it has one. Called under the machine's lock, between events; runs no foreign
     * code.
     *
     * @param evenIfSmall true to take all there is, even if it is less than a portion
     */
    void take(boolean evenIfSmall) {
        if (history.size() >= PORTION || evenIfSmall && history.size() > 0) {
            byte[] portion = history.take();
            lock.lock();
            try {
                if (!ended) {
                    portions.add(portion);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** Has the portions that were taken written by a task, if none is at it. Does not block. */
    void startWriting() {
        boolean begin;
        boolean tooSlow;
        lock.lock();
        try {
            begin = !ended && !writing && !portions.isEmpty();
            writing |= begin;
            tooSlow = !ended && portions.size() > MOST_PORTIONS;
        } finally {
            lock.unlock();
        }
        if (begin) {
            submitWriter();
        }
        if (tooSlow) {
            end(new IOException("the stream is too slow; the recording ends"));
        }
    }

    /** If the executor throws, the next event or the alarm submits the task. */
    private void submitWriter() {
        try {
            executor.execute(writer);
        } catch (Throwable refused) {
            lock.lock();
            try {
                writing = false;
            } finally {
                lock.unlock();
            }
        }
    }

    private void write() {
        try {
            for (byte[] next = next(); next != null; next = next()) {
                stream.write(next);
                stream.flush();
            }
        } catch (Throwable thrown) {
            end(thrown);
        }
    }

    private byte @Nullable [] next() {
        lock.lock();
        try {
            byte[] next = ended ? null : portions.poll();
            writing = next != null;
            return next;
        } finally {
            lock.unlock();
        }
    }

    private void end(Throwable why) {
        lock.lock();
        try {
            ended = true;
            portions.clear();
        } finally {
            lock.unlock();
        }
        listeners.userCodeThrew("the stream of the recording", why);
    }
}
