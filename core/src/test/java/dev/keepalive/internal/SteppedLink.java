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
 * A link and the atomic slot of its connection. Each of their actions is a step, and other actors may act between any
 * two steps. It checks what must hold at all times.
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
    private boolean resetAwaited;

    /** True from the first use by a holder until the reset. */
    private boolean used;

    /** The lease for which input is unread; 0 for none. */
    private long unread;

    /** The lease whose holder uses the connection; null for none. */
    private @Nullable PooledLease<SteppedLink> holder;

    /** True while no borrower may have the connection, since the machine has revoked it. */
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

    /** From now on only {@link #answerReset} answers a reset. */
    void answerResetsLater() {
        answersLater = true;
    }

    /** From now on other actors may act while a handle is made. */
    void makesHandlesSlowly() {
        slowHandles = true;
    }

    /** From now on the link refuses to become another endpoint's. */
    void refuses() {
        refuses = true;
    }

    // ---- the dial

    void dialSucceeded() {
        open = true;
        connection.opened(this);
    }

    // ---- the holder

    /** A holder has the connection, who asked for this endpoint. */
    void setHolder(PooledLease<SteppedLink> lease, Endpoint asked) {
        assertThat(holder).as("another holder beside " + lease).isNull();
        holder = lease;
        if (open) {
            assertThat(endpoint).as("the endpoint of the link").isEqualTo(asked);
            assertThat(used).as("leased before it was reset").isFalse();
            assertThat(unread).as("the lease for which input is unread").isIn(0L, lease.number());
        }
        used = true;
    }

    void clearHolder(PooledLease<SteppedLink> lease) {
        if (holder == lease) {
            holder = null;
        }
    }

    void checkNotRevoked() {
        assertThat(revoked).as("borrowed after the machine had revoked it").isFalse();
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
        boolean reusable = open && unread == 0;
        if (answersLater) {
            resetAwaited = true;
        } else {
            pool.stepOutside();
            answer(reusable);
        }
        pool.stepOutside();
    }

    /** Answers a reset, if an answer is awaited. */
    void answerReset() {
        if (resetAwaited) {
            resetAwaited = false;
            boolean reusable = open && unread == 0;
            pool.stepOutside();
            answer(reusable);
        }
    }

    private void answer(boolean reusable) {
        used &= !reusable;
        connection.resetDone(reusable);
    }

    @Override
    public void rekey(Endpoint as) {
        assertThat(rekeying).as("rekeyed twice at once").isFalse();
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

    /** The peer sends input. */
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

    // ---- the atomic slot

    @Override
    public long revoke(long known) {
        pool.stepInside();
        long borrowed = connection.revoke(known);
        revoked = borrowed == 0;
        return borrowed;
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

    /** An acquire that is answered by the machine. */
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

        /** Releases the lease, if there is one. */
        void release() {
            PooledLease<SteppedLink> delivered = lease;
            if (delivered != null) {
                pool.release(delivered);
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
