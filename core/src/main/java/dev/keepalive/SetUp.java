package dev.keepalive;

import dev.keepalive.spi.DialException;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The last step of a dial: the program makes the connection ready for its first lease ({@link ManagerBuilder#setup}). For the connection it is a lease
 * like any other, with a clean-up behind it; nobody else sees it. It ends in one of two ways, once: the connection is ready, or it is closed.
 */
final class SetUp<C> implements Lease<C> {
    private enum State {
        /** The program uses the connection. */
        AT_WORK,
        /** The program has done well, and the connection is being cleaned up after it. */
        CLEANING_UP,
        /** Something went wrong; the dial has failed as soon as the connection is closed. */
        CLOSING,
        OVER
    }

    private final Opening<C> opening;
    private final PooledLink<C> link;
    private final Pool<C> pool;
    private final AcquireRequest request;
    // Under this object's monitor.
    private State state = State.AT_WORK;
    private @Nullable C handle;
    private @Nullable CompletionStage<?> work;
    private @Nullable Throwable failure;

    SetUp(Opening<C> opening, PooledLink<C> link, Pool<C> pool) {
        this.opening = opening;
        this.link = link;
        this.pool = pool;
        this.request = AcquireRequest.to(link.endpoint());
    }

    void begin() {
        pool.executor().execute(this::work);
    }

    private void work() {
        try {
            var setup = Objects.requireNonNull(pool.setup());
            CompletionStage<?> begun = setup.apply(connection(), link.endpoint());
            Objects.requireNonNull(begun, "the set-up's stage");
            if (!keep(begun)) {
                cancel(begun);
            }
            begun.whenComplete((ignored, thrown) -> {
                if (thrown == null) {
                    cleanUp();
                } else {
                    fail(
                            thrown instanceof CompletionException && thrown.getCause() != null
                                    ? thrown.getCause()
                                    : thrown);
                }
            });
        } catch (Throwable thrown) {
            fail(thrown);
        }
    }

    /** @return false if it is not wanted any more */
    private synchronized boolean keep(CompletionStage<?> begun) {
        work = begun;
        return state == State.AT_WORK;
    }

    private void cleanUp() {
        synchronized (this) {
            if (state != State.AT_WORK) {
                return;
            }
            state = State.CLEANING_UP;
        }
        link.cleanUpAfterSetUp();
    }

    /** The answer to the clean-up. @return false if nobody is waiting for one here */
    boolean cleanedUp(boolean quiet) {
        synchronized (this) {
            if (state != State.CLEANING_UP) {
                return false;
            }
            state = quiet ? State.OVER : state;
        }
        if (quiet) {
            opening.ready();
        } else {
            fail(new IllegalStateException("the set-up left the connection with something unread or half-sent"));
        }
        return true;
    }

    /** The dial is to be given up. */
    void stop() {
        fail(new IllegalStateException("stopped during the set-up"));
    }

    private void fail(Throwable cause) {
        synchronized (this) {
            if (state != State.AT_WORK && state != State.CLEANING_UP) {
                return;
            }
            state = State.CLOSING;
            failure = cause;
        }
        // The connector is foreign code, and this may be anybody's thread.
        pool.executor().execute(link::close);
        giveUpWork();
    }

    /** The connection is gone. */
    void closed(@Nullable Throwable cause) {
        Throwable why;
        synchronized (this) {
            if (state == State.OVER) {
                return;
            }
            state = State.OVER;
            why = failure != null ? failure : cause;
        }
        giveUpWork();
        String text = why == null ? "the peer closed the connection during the set-up" : String.valueOf(why);
        int number = why instanceof DialException known ? known.errorNumber() : 0;
        opening.notReady(new DialException(Phase.SETUP, number, text, why));
    }

    private void giveUpWork() {
        CompletionStage<?> given;
        synchronized (this) {
            given = work;
        }
        if (given != null) {
            pool.executor().execute(() -> cancel(given));
        }
    }

    private void cancel(CompletionStage<?> begun) {
        if (begun instanceof Future<?> future) {
            pool.reports().guard("the set-up's stage", () -> future.cancel(true));
        }
    }

    // ---- as the connection sees it

    @Override
    public synchronized C connection() {
        if (state != State.AT_WORK) {
            throw new IllegalStateException("the set-up of " + link + " is over");
        }
        C result = handle;
        if (result == null) {
            result = link.handle(this);
            handle = result;
        }
        return result;
    }

    @Override
    public AcquireRequest request() {
        return request;
    }

    @Override
    public Origin origin() {
        return Origin.NEW;
    }

    @Override
    public int uses() {
        return 0;
    }

    @Override
    public Timings timings() {
        return opening.timings(0);
    }

    /** A set-up ends with its stage, and not before. */
    @Override
    public boolean release() {
        throw new UnsupportedOperationException("a set-up ends with its stage");
    }

    @Override
    public boolean releaseAs(Endpoint as) {
        return release();
    }

    @Override
    public boolean invalidate(@Nullable Throwable cause) {
        boolean first;
        synchronized (this) {
            first = state == State.AT_WORK;
        }
        fail(cause != null ? cause : new IllegalStateException("invalidated during the set-up"));
        return first;
    }

    @Override
    public String toString() {
        return "set-up of " + link;
    }
}
