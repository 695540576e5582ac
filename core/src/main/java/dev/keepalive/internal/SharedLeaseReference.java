package dev.keepalive.internal;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Lease;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.ReferenceQueue;
import org.jspecify.annotations.Nullable;

/**
 * A reference to one lease of a connection that takes several, with the state of that lease: held, or how far its end
 * is. It outlives the lease, which may become garbage before it ends. Each change is one compare-and-set, so a lease
 * ends once. Safe from any thread.
 *
 * <pre>
 *  HELD ── end ──► ENDING ── reset answered ──► REUSABLE, NOT_REUSABLE ── the machine is told of both ──► OVER
 *  ENDING ── the machine is told ──► ANSWER_DUE ── reset answered ──► OVER
 *  HELD ── cut short ──► OVER
 * </pre>
 */
final class SharedLeaseReference extends LeaseReference {
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(SharedLeaseReference.class, "state", State.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private enum State {
        HELD,
        /** It has ended; its reset is not answered, and the machine may not have been told of the end. */
        ENDING,
        /** As ENDING, and the reset is answered. */
        REUSABLE,
        NOT_REUSABLE,
        /** The machine has been told of the end, and waits for the answer to the reset. */
        ANSWER_DUE,
        /** The machine has been told of everything, or the lease was cut short. */
        OVER
    }

    private final SharedLink<?> link;
    private final long number;
    private final AcquireRequest request;
    private final @Nullable AcquireSite site;
    private final long since;
    private volatile State state = State.HELD;

    SharedLeaseReference(
            Lease<?> lease,
            ReferenceQueue<Lease<?>> garbage,
            SharedLink<?> link,
            long number,
            AcquireDetails details,
            long since) {
        super(lease, garbage, link.connection());
        this.link = link;
        this.number = number;
        this.request = details.request();
        this.site = details.site();
        this.since = since;
    }

    /** The number of the lease among those of its connection. */
    long number() {
        return number;
    }

    private boolean change(State from, State to) {
        return STATE.compareAndSet(this, from, to);
    }

    boolean isHeld() {
        return state == State.HELD;
    }

    /** Ends the lease. @return false if it had ended before */
    boolean end() {
        return change(State.HELD, State.ENDING);
    }

    /** Ends the lease without a reset, and without telling the machine. @return false if it had ended before */
    boolean cutShort() {
        return change(State.HELD, State.OVER);
    }

    /** True if the lease has ended, and the machine may not know. */
    boolean isUntold() {
        State now = state;
        return now == State.ENDING || now == State.REUSABLE || now == State.NOT_REUSABLE;
    }

    /**
     * The link has answered the reset. The first answer counts.
     *
     * @return true if the machine waits for it
     */
    boolean resetAnswered(boolean reusable) {
        return !change(State.ENDING, reusable ? State.REUSABLE : State.NOT_REUSABLE)
                && change(State.ANSWER_DUE, State.OVER);
    }

    /** The answer to the reset; null if there is none yet. */
    @Nullable
    Boolean resetAnswer() {
        State now = state;
        return now == State.REUSABLE ? Boolean.TRUE : now == State.NOT_REUSABLE ? Boolean.FALSE : null;
    }

    /**
     * Lets a later answer go to the machine directly.
     *
     * @return the answer that came before this call, for the caller to pass on; null if there is none yet
     */
    @Nullable
    Boolean expectResetAnswer() {
        return change(State.ENDING, State.ANSWER_DUE) ? null : resetAnswer();
    }

    /** The machine has been told of the end and of the answer to the reset, or of an end without a reset. */
    void over() {
        state = State.OVER;
    }

    @Override
    void reclaim() {
        link.reclaim(this);
    }

    @Override
    Report report(long now) {
        return new Report(request, site, now - since);
    }

    @Override
    AcquireRequest request() {
        return request;
    }

    @Override
    @Nullable
    AcquireSite site() {
        return site;
    }
}
