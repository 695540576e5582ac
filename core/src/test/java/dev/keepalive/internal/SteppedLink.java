package dev.keepalive.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.machine.AtomicSlot;
import dev.keepalive.machine.Slot;
import dev.keepalive.spi.Link;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A connection, and what is between it and the machine, with others acting between any two steps; notices what must
 * never be.
 */
final class SteppedLink implements Link<SteppedLink>, AtomicSlot {
    private final SteppedPool pool;
    private final PooledConnection<SteppedLink> connection;
    private Endpoint endpoint;
    private boolean open;
    private boolean answersLater;
    private boolean slowHandles;
    private boolean refuses;
    private boolean rekeying;
    private boolean resetAsked;

    /** What its last holder has left has not been taken away. */
    private boolean used;

    /** The lease for which something is unread; 0 for none. */
    private long unread;

    /** The lease by which somebody has it and uses it; null if nobody has. */
    private @Nullable PooledLease<SteppedLink> lease;

    /** The machine has it for itself. */
    private boolean revoked;

    SteppedLink(SteppedPool pool, Slot slot) {
        this.pool = pool;
        this.endpoint = slot.endpoint();
        this.connection = new PooledConnection<>(slot, pool);
    }

    PooledConnection<SteppedLink> pooled() {
        return connection;
    }

    boolean isOpen() {
        return open;
    }

    /** From now on a reset is answered by {@link #answerReset} only. */
    void answerResetsLater() {
        answersLater = true;
    }

    /** From now on others may act while a handle is made. */
    void makesHandlesSlowly() {
        slowHandles = true;
    }

    /** From now on it becomes no other endpoint's. */
    void refuses() {
        refuses = true;
    }

    // ---- the dial

    void dialSucceeded() {
        open = true;
        connection.opened(this);
    }

    // ---- its holder

    /** Somebody has it, who asked for this endpoint. */
    void setHolder(PooledLease<SteppedLink> lease, Endpoint asked) {
        assertThat(lease).as("who has it beside " + lease).isNull();
        lease = lease;
        if (open) {
            assertThat(endpoint).as("what it leads to").isEqualTo(asked);
            assertThat(used).as("given to somebody before it was clean").isFalse();
            assertThat(unread).as("something that somebody else was told").isIn(0L, lease.number());
        }
        used = true;
    }

    void clearHolder(PooledLease<SteppedLink> lease) {
        if (lease == lease) {
            lease = null;
        }
    }

    void checkNotRevoked() {
        assertThat(revoked).as("lent while the machine had it").isFalse();
    }

    // ---- the link

    @Override
    public SteppedLink handle(Lease<SteppedLink> lease, long number) {
        if (slowHandles) {
            pool.stepOutside();
        }
        return this;
    }

    @Override
    public void reset(long number) {
        pool.stepOutside();
        boolean quiet = open && unread == 0;
        if (answersLater) {
            resetAsked = true;
        } else {
            pool.stepOutside();
            answer(quiet);
        }
        pool.stepOutside();
    }

    /** The answer to a reset that is awaited, if one is. */
    void answerReset() {
        if (resetAsked) {
            resetAsked = false;
            boolean quiet = open && unread == 0;
            pool.stepOutside();
            answer(quiet);
        }
    }

    private void answer(boolean quiet) {
        used &= !quiet;
        connection.resetDone(quiet);
    }

    @Override
    public void rekey(Endpoint as) {
        assertThat(rekeying).as("becomes two things at once").isFalse();
        rekeying = true;
        pool.stepOutside();
        rekeying = false;
        if (refuses) {
            throw new IllegalArgumentException("refused");
        }
        endpoint = as;
        pool.stepOutside();
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            pool.stepOutside();
            connection.closed(null);
        }
    }

    /** The peer says something. */
    void peerSpeaks() {
        long lease = connection.leases();
        if (!open) {
            return;
        }
        if (connection.inputReceived()) {
            unread = lease;
        } else {
            pool.stepOutside();
            close();
        }
    }

    // ---- the wire

    @Override
    public long revoke(long known) {
        pool.stepInside();
        long lent = connection.revoke(known);
        revoked = lent == 0;
        return lent;
    }

    @Override
    public long claim() {
        pool.stepInside();
        revoked = false;
        return connection.claim();
    }

    @Override
    public boolean park(long since) {
        pool.stepInside();
        revoked = false;
        return connection.park(since);
    }

    @Override
    public long lastUsed() {
        return connection.lastUsed();
    }

    @Override
    public void markDead() {
        pool.stepInside();
        revoked = false;
        connection.markDead();
    }

    /** One answer to an acquire by way of the machine. */
    static final class Waiting implements AcquireCallback<SteppedLink> {
        private final SteppedPool pool;
        private final Endpoint endpoint;
        private @Nullable PooledLease<SteppedLink> lease;
        private boolean failed;

        Waiting(SteppedPool pool, Endpoint endpoint) {
            this.pool = pool;
            this.endpoint = endpoint;
        }

        boolean isAnswered() {
            return failed || lease != null;
        }

        /** Ends the lease, if there is one. */
        void release() {
            PooledLease<SteppedLink> got = lease;
            if (got != null) {
                pool.release(got);
            }
        }

        @Override
        public AcquireDetails details() {
            return new AcquireDetails(AcquireRequest.to(endpoint), 0, Long.MAX_VALUE, null);
        }

        @Override
        public java.util.concurrent.@Nullable Executor executor() {
            return null;
        }

        @Override
        public void deliver(PooledLease<SteppedLink> delivered) {
            assertThat(isAnswered()).as("answered before").isFalse();
            lease = Objects.requireNonNull(delivered);
        }

        @Override
        public void fail(AcquireException failure) {
            throw new IllegalStateException(failure);
        }

        void failed() {
            assertThat(isAnswered()).as("answered before").isFalse();
            failed = true;
        }
    }
}
