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
 * A connection with its link and its atomic slot. Another actor may run between any two steps. The methods check what
 * must never happen.
 */
final class SteppedLink implements Link<SteppedLink>, AtomicSlot {
    private final SteppedManager manager;
    private final PooledConnection<SteppedLink> connection;
    private Endpoint endpoint;
    private boolean open;
    private boolean resetsLater;
    private boolean slowHandles;
    private boolean refuseRekey;
    private boolean rekeying;
    private boolean resetRequested;

    /** Used since the last reset that found the connection reusable. */
    private boolean used;

    /** The lease whose input is unread; 0 for none. */
    private long unread;

    /** The lease of the present holder; null for none. */
    private @Nullable PooledLease<SteppedLink> holder;

    /** The machine has revoked the connection, and has neither claimed nor parked it since. */
    private boolean revoked;

    SteppedLink(SteppedManager manager, Slot slot) {
        this.manager = manager;
        this.endpoint = slot.endpoint();
        this.connection = new PooledConnection<>(slot, manager);
    }

    PooledConnection<SteppedLink> pooled() {
        return connection;
    }

    boolean isOpen() {
        return open;
    }

    /** From now on only {@link #answerReset} answers a reset. */
    void answerResetsLater() {
        resetsLater = true;
    }

    /** From now on another actor may run while a handle is made. */
    void makeHandlesSlowly() {
        slowHandles = true;
    }

    /** From now on each rekey is refused. */
    void refuseRekey() {
        refuseRekey = true;
    }

    // ---- the dial

    void dialSucceeded() {
        open = true;
        connection.opened(this);
    }

    // ---- the holder

    /** A holder that asked for this endpoint begins to use the connection. */
    void beginUse(PooledLease<SteppedLink> lease, Endpoint requested) {
        assertThat(holder).as("another holder beside " + lease).isNull();
        holder = lease;
        if (open) {
            assertThat(endpoint).as("the endpoint that it leads to").isEqualTo(requested);
            assertThat(used).as("leased before it was clean").isFalse();
            assertThat(unread).as("unread input of another lease").isIn(0L, lease.number());
        }
        used = true;
    }

    void endUse(PooledLease<SteppedLink> lease) {
        if (holder == lease) {
            holder = null;
        }
    }

    void checkBorrowed() {
        assertThat(revoked).as("borrowed although the machine has revoked it").isFalse();
    }

    // ---- the link

    @Override
    public SteppedLink handle(Lease<SteppedLink> lease, long number) {
        if (slowHandles) {
            manager.stepOutside();
        }
        return this;
    }

    @Override
    public void reset(long number) {
        manager.stepOutside();
        boolean reusable = open && unread == 0;
        if (resetsLater) {
            resetRequested = true;
        } else {
            manager.stepOutside();
            answer(reusable);
        }
        manager.stepOutside();
    }

    /** Answers the reset that is under way, if there is one. */
    void answerReset() {
        if (resetRequested) {
            resetRequested = false;
            boolean reusable = open && unread == 0;
            manager.stepOutside();
            answer(reusable);
        }
    }

    private void answer(boolean reusable) {
        used &= !reusable;
        connection.resetDone(reusable);
    }

    @Override
    public void rekey(Endpoint as) {
        assertThat(rekeying).as("rekeyed by two calls at once").isFalse();
        rekeying = true;
        manager.stepOutside();
        rekeying = false;
        if (refuseRekey) {
            throw new IllegalArgumentException("refused");
        }
        endpoint = as;
        manager.stepOutside();
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            manager.stepOutside();
            connection.closed(null);
        }
    }

    /** Input comes from the peer. */
    void peerSendsInput() {
        long lease = connection.leases();
        if (!open) {
            return;
        }
        if (connection.inputReceived()) {
            unread = lease;
        } else {
            manager.stepOutside();
            close();
        }
    }

    // ---- the atomic slot

    @Override
    public long revoke(long known) {
        manager.stepInside();
        long borrowedBy = connection.revoke(known);
        revoked = borrowedBy == 0;
        return borrowedBy;
    }

    @Override
    public long claim() {
        manager.stepInside();
        revoked = false;
        return connection.claim();
    }

    @Override
    public boolean park(long since) {
        manager.stepInside();
        revoked = false;
        return connection.park(since);
    }

    @Override
    public boolean isDead() {
        return connection.isDead();
    }

    @Override
    public long lastUsed() {
        return connection.lastUsed();
    }

    @Override
    public void markDead() {
        manager.stepInside();
        revoked = false;
        connection.markDead();
    }

    /** One acquire that the machine answers. */
    static final class SteppedAcquire implements AcquireCallback<SteppedLink> {
        private final SteppedManager manager;
        private final Endpoint endpoint;
        private @Nullable PooledLease<SteppedLink> lease;
        private boolean failed;

        SteppedAcquire(SteppedManager manager, Endpoint endpoint) {
            this.manager = manager;
            this.endpoint = endpoint;
        }

        boolean isAnswered() {
            return failed || lease != null;
        }

        /** Ends the lease, if there is one. */
        void release() {
            PooledLease<SteppedLink> got = lease;
            if (got != null) {
                manager.release(got);
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
        public void deliver(Lease<SteppedLink> delivered) {
            assertThat(isAnswered()).as("answered before").isFalse();
            lease = (PooledLease<SteppedLink>) Objects.requireNonNull(delivered);
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
