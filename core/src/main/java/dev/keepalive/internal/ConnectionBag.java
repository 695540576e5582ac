package dev.keepalive.internal;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one endpoint that are lent while they are idle. Whoever comes looks here, on any thread, and takes
 * what is idle; the links come and go with the machine's events, one at a time.
 *
 * <p>Those who come begin at the same place, so that what is not needed stays idle until its time is up. When they get
 * into each other's way they begin at places of their own, so that two threads do not fight for one connection;
 * {@link #narrowStarts} brings them back together.
 */
final class ConnectionBag<C> {
    /** So many places are looked at; who finds nothing asks the machine. */
    private static final int MOST_LOOKED_AT = 64;

    /** Who has looked at more than so many in vain begins elsewhere the next time. */
    private static final int MANY = 4;

    /**
     * Final, so that a thread that finds the rack by a plain read of {@link ConnectionBags}'s table of hints sees it.
     */
    final Endpoint endpoint;

    /**
     * Volatile, so that such a thread, and any other, sees what was added and removed. Null, one link, or an array of
     * more. A single link stands for itself: one thing less to be kept and fetched where there are many endpoints with
     * one connection each.
     */
    private volatile @Nullable Object content;

    /**
     * At so many places, less one, a search may begin; that many are a power of two. A hint: any thread reads and
     * writes it plainly. The value that it has before anything is written is a right one, since a thread may see that.
     */
    private int startMask;

    /**
     * Where the first of them is. A hint as well, read and written in the same way; any value from 0 is a right one.
     */
    private int firstStart;

    ConnectionBag(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    // ---- for whoever comes

    /**
     * Lends an idle connection, rather one on this event loop.
     *
     * @param detail the request, if there is more to it than the endpoint
     * @return null if none was found
     */
    @Nullable
    PooledLease<C> borrow(
            AcquireRequest request,
            @Nullable AcquireRequest detail,
            @Nullable AcquireSite site,
            @Nullable Executor loop,
            long time) {
        Object here = content;
        if (here instanceof PooledConnection) {
            return single(here).borrow(request, detail, site, time);
        }
        // The last one may just have left.
        return here == null ? null : borrow(array(here), request, detail, site, loop, time);
    }

    private @Nullable PooledLease<C> borrow(
            PooledConnection<C>[] all,
            AcquireRequest request,
            @Nullable AcquireRequest detail,
            @Nullable AcquireSite site,
            @Nullable Executor loop,
            long time) {
        int looks = Math.min(all.length, MOST_LOOKED_AT);
        for (int place = 0; loop != null && place < looks; place++) {
            PooledLease<C> lease = all[place].isOnEventLoop(loop) ? all[place].borrow(request, detail, site, time) : null;
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
            startMask(all.length, look, place);
        }
        return null;
    }

    private int startPlace(int length) {
        int mask = startMask;
        int place = mask == 0 ? firstStart : firstStart + (System.identityHashCode(Thread.currentThread()) & mask);
        while (place >= length) {
            place -= length;
        }
        return place;
    }

    /** Somebody has looked in vain, so many times before. */
    private void startMask(int length, int look, int next) {
        int mask = startMask;
        if (look == 0 && mask + 1 < length) {
            startMask = 2 * mask + 1;
        } else if (look >= MANY) {
            firstStart = next;
        }
    }

    // ---- for the machine, one call at a time

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

    @SuppressWarnings({"unchecked", "rawtypes"}) // what is held is a link of C, or an array of such
    private PooledConnection<C>[] all() {
        Object here = content;
        return here == null
                ? new PooledConnection[0]
                : here instanceof PooledConnection ? new PooledConnection[] {single(here)} : array(here);
    }

    @SuppressWarnings("unchecked") // as above
    private PooledConnection<C> single(Object here) {
        return (PooledConnection<C>) here;
    }

    @SuppressWarnings("unchecked") // as above
    private PooledConnection<C>[] array(Object here) {
        return (PooledConnection<C>[]) here;
    }

    /** The connections that are here. */
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

    /** How many of the connections somebody has helped himself to. */
    int borrowedNow() {
        int lent = 0;
        for (PooledConnection<C> connection : all()) {
            lent += connection.isBorrowed() ? 1 : 0;
        }
        return lent;
    }

    /** How often somebody has helped himself to the connections that are here. */
    long borrowCount() {
        long borrowed = 0;
        for (PooledConnection<C> connection : all()) {
            borrowed += connection.borrowCount();
        }
        return borrowed;
    }
}
