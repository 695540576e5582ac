package dev.keepalive.internal;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one endpoint that can be borrowed while they are idle. A caller on any thread looks for an idle
 * connection here. Connections are added and removed under the machine's lock, one event at a time.
 *
 * <p>All searches start at the same place, so that connections that are not needed stay idle until their time is up. If
 * searches collide, they start at different places by thread, so that two threads do not compete for one connection.
 * {@link #narrowStarts} undoes that in steps.
 */
final class ConnectionBag<C> {
    /** How many connections a search looks at, at most; then the caller asks the machine. */
    private static final int MAX_LOOKS = 64;

    /** After so many looks in vain, the next search starts where this one is. */
    private static final int MANY_LOOKS = 4;

    /** Final: a thread that finds the bag by a plain read of the hints of {@link ConnectionBags} sees the endpoint. */
    final Endpoint endpoint;

    /**
     * Null, one connection, or an array of more. Volatile: any thread sees what was added and removed. A single
     * connection needs no array: with many endpoints that saves memory, and a read at each hit.
     */
    private volatile @Nullable Object content;

    /**
     * The number of places where a search may start, less one; that number is a power of two. A hint: any thread reads
     * and writes it plainly. A thread may see the initial value, which is valid.
     */
    private int startMask;

    /** The first of these places. A hint as well, read and written in the same way; any value from 0 is valid. */
    private int firstStart;

    ConnectionBag(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    // ---- called by a caller of acquire, on any thread

    /**
     * Leases an idle connection without the machine; one on the given event loop is preferred.
     *
     * @param detail the request, if it has more than the endpoint; else null
     * @param site where the caller is, if that is recorded
     * @param loop the caller's event loop, or null
     * @return null if no idle connection was found
     */
    @Nullable
    PooledLease<C> borrow(
            AcquireRequest request,
            @Nullable AcquireRequest detail,
            @Nullable AcquireSite site,
            @Nullable Executor loop,
            long time) {
        Object current = content;
        if (current instanceof PooledConnection) {
            return single(current).borrow(request, detail, site, time);
        }
        // The last connection may just have been removed.
        return current == null ? null : borrow(array(current), request, detail, site, loop, time);
    }

    private @Nullable PooledLease<C> borrow(
            PooledConnection<C>[] all,
            AcquireRequest request,
            @Nullable AcquireRequest detail,
            @Nullable AcquireSite site,
            @Nullable Executor loop,
            long time) {
        int looks = Math.min(all.length, MAX_LOOKS);
        for (int place = 0; loop != null && place < looks; place++) {
            PooledLease<C> lease =
                    all[place].isOnEventLoop(loop) ? all[place].borrow(request, detail, site, time) : null;
            if (lease != null) {
                return lease;
            }
        }
        int place = startPlace(all.length);
        for (int look = 0; look < looks; look++) {
            PooledLease<C> lease = all[place].borrow(request, detail, site, time);
            if (lease != null) {
                return lease;
            }
            place = place + 1 == all.length ? 0 : place + 1;
            lookedInVain(all.length, look, place);
        }
        return null;
    }

    /** False if a look at each connection finds none that is idle. True if there are too many to look at. */
    boolean mayHaveIdle() {
        Object current = content;
        if (current instanceof PooledConnection) {
            return single(current).numberToBorrow() > 0;
        }
        if (current == null) {
            return false;
        }
        PooledConnection<C>[] all = array(current);
        boolean idle = all.length > MAX_LOOKS;
        for (int place = 0; !idle && place < all.length; place++) {
            idle = all[place].numberToBorrow() > 0;
        }
        return idle;
    }

    private int startPlace(int length) {
        int mask = startMask;
        int place = mask == 0 ? firstStart : firstStart + (System.identityHashCode(Thread.currentThread()) & mask);
        while (place >= length) {
            place -= length;
        }
        return place;
    }

    /** A search has found a connection that is not idle, after so many others; its next look is at {@code next}. */
    private void lookedInVain(int length, int look, int next) {
        int mask = startMask;
        if (look == 0 && mask + 1 < length) {
            startMask = 2 * mask + 1;
        } else if (look >= MANY_LOOKS) {
            firstStart = next;
        }
    }

    // ---- called under the machine's lock

    void add(PooledConnection<C> connection) {
        PooledConnection<C>[] before = all();
        PooledConnection<C>[] after = Arrays.copyOf(before, before.length + 1);
        after[before.length] = connection;
        replace(after);
    }

    void remove(PooledConnection<C> connection) {
        PooledConnection<C>[] before = all();
        int place = Arrays.asList(before).indexOf(connection);
        if (place >= 0) {
            PooledConnection<C>[] after = Arrays.copyOf(before, before.length - 1);
            System.arraycopy(before, place + 1, after, place, after.length - place);
            replace(after);
        }
    }

    private void replace(PooledConnection<C>[] after) {
        content = after.length == 0 ? null : after.length == 1 ? after[0] : after;
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // the content is a connection of C, or an array of such
    private PooledConnection<C>[] all() {
        Object current = content;
        return current == null
                ? new PooledConnection[0]
                : current instanceof PooledConnection ? new PooledConnection[] {single(current)} : array(current);
    }

    @SuppressWarnings("unchecked") // as above
    private PooledConnection<C> single(Object current) {
        return (PooledConnection<C>) current;
    }

    @SuppressWarnings("unchecked") // as above
    private PooledConnection<C>[] array(Object current) {
        return (PooledConnection<C>[]) current;
    }

    /** The connections in this bag. */
    List<PooledConnection<C>> connections() {
        return List.of(all());
    }

    boolean isEmpty() {
        return content == null;
    }

    /**
     * Halves the number of starting places. Called when the machine checks an idle connection; contention doubles it
     * again.
     */
    void narrowStarts() {
        startMask = startMask / 2;
    }

    /** How many of the connections are borrowed now. */
    int borrowedNow() {
        int borrowed = 0;
        for (PooledConnection<C> connection : all()) {
            borrowed += connection.isBorrowed() ? 1 : 0;
        }
        return borrowed;
    }

    /** How often the connections of this bag were borrowed. */
    long borrowCount() {
        long borrowed = 0;
        for (PooledConnection<C> connection : all()) {
            borrowed += connection.borrowCount();
        }
        return borrowed;
    }
}
