package dev.keepalive;

import dev.keepalive.machine.DialResult;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * How a slot comes by its connection: the permit, the dial, the set-up. Forgotten when that is done. Safe from any
 * thread; no lock is held while the connector or the program runs.
 */
final class Opening<C> {
    /** In place of a dial: the connector has not returned it yet. */
    private static final Dial BEGINNING = () -> {};

    /** In place of a dial: it is to be stopped as soon as the connector returns it. */
    private static final Dial STOPPED = () -> {};

    private final PooledLink<C> link;
    private final Pool<C> pool;
    private final DialClock clock;
    private final @Nullable PermitAsk permit;
    private final AtomicReference<@Nullable Dial> dial = new AtomicReference<>();
    private final AtomicBoolean answered = new AtomicBoolean();
    private volatile @Nullable SetUp<C> setUp;
    private volatile @Nullable DialException failure;

    Opening(PooledLink<C> link, Pool<C> pool) {
        this.link = link;
        this.pool = pool;
        this.clock = new DialClock(pool.ticks());
        Budget.Member member = pool.member();
        this.permit = member == null ? null : new PermitAsk(link.slot(), pool.exclusive(), member);
    }

    // ---- the permit

    void ask() {
        clock.enter(Phase.PERMIT);
        permit().ask();
    }

    PermitAsk permit() {
        return Objects.requireNonNull(permit, "a permit without a budget");
    }

    // ---- the dial

    /** Dials, on a thread that may be blocked. */
    void dial() {
        if (!dial.compareAndSet(null, BEGINNING)) {
            return;
        }
        try {
            clock.enter(Phase.CONNECT);
            Dial begun = pool.connector()
                    .connect(
                            new DialRequest(
                                    link.endpoint(),
                                    pool.dialTimeout(),
                                    pool.loops().loop(link.slot().loop())),
                            link);
            if (!dial.compareAndSet(BEGINNING, Objects.requireNonNull(begun, "the connector's dial"))) {
                begun.stop();
            }
        } catch (Throwable thrown) {
            failed(thrown);
        }
    }

    void stop() {
        Dial begun = dial.getAndSet(STOPPED);
        if (begun == null) {
            failed(new DialException(clock.phase(), 0, "stopped before it began", null));
        } else {
            pool.reports().guard("the connector's stop", begun::stop);
            SetUp<C> making = setUp;
            if (making != null) {
                making.stop();
            }
        }
    }

    void entered(Phase phase) {
        clock.enter(phase);
    }

    /** @return false if the dial has been answered before */
    boolean opened(Link<C> opened) {
        if (!answered.compareAndSet(false, true)) {
            return false;
        }
        link.holds(opened);
        if (pool.setup() == null) {
            ready();
        } else {
            setUp();
        }
        return true;
    }

    void failed(Throwable cause) {
        if (answered.compareAndSet(false, true)) {
            notReady(DialException.of(cause, clock.phase()));
        }
    }

    // ---- the set-up

    private void setUp() {
        clock.enter(Phase.SETUP);
        SetUp<C> making = new SetUp<>(this, link, pool);
        setUp = making;
        // A stop or an end that comes from now on finds the set-up; one that came before is found here.
        link.setsUp();
        if (dial.get() == STOPPED) {
            making.stop();
        } else if (link.isGone()) {
            making.closed(link.closeCause());
        } else {
            making.begin();
        }
    }

    /** The answer to a clean-up. @return false if it is not the set-up's */
    boolean cleanedUp(boolean quiet) {
        SetUp<C> making = setUp;
        return making != null && making.cleanedUp(quiet);
    }

    /** The connection is gone. */
    void closed(@Nullable Throwable cause) {
        SetUp<C> making = setUp;
        if (making != null) {
            making.closed(cause);
        }
    }

    // ---- the end

    /** The dial has succeeded, its set-up included. */
    void ready() {
        setUp = null;
        clock.end();
        pool.reports().tell(listener -> listener.opened(link.endpoint(), clock.timings(0)));
        link.ready();
    }

    /** The dial has failed, and nothing is open of it. */
    void notReady(DialException told) {
        setUp = null;
        failure = dial.get() == STOPPED ? null : told;
        clock.end();
        pool.reports().tell(listener -> listener.dialFailed(link.endpoint(), told));
        DialResult result = told.isOutOfResources() ? DialResult.OUT_OF_RESOURCES : DialResult.FAILED;
        pool.exclusive().submit((machine, now) -> machine.dialled(link.slot(), result, 0, now));
    }

    /** The phase that it is in, or was in at the end. */
    Phase phase() {
        return clock.phase();
    }

    @Nullable
    DialException failure() {
        return failure;
    }

    /** The timings so far, for an acquire that waited so long. */
    Timings timings(long waitedNanos) {
        return clock.timings(waitedNanos);
    }
}
