package dev.keepalive.soak;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Counts, at the server, how many leases a client has of one connection at one moment, and how many it may have. Used
 * only by the thread of the chaos server.
 *
 * <p>The count is a lower bound. The manager numbers the leases of a connection from 1. So when lease {@code n} was
 * granted, all up to {@code n} had been. The client says that a lease has ended, before it frees the place. So those of
 * them whose end has not arrived when {@code n} first says something had their places when {@code n} was granted, also
 * those that never said anything.
 *
 * <p>The bound is an upper one. The client tells when it has obeyed a number that the server has announced, and when
 * the acquire of the lease had not begun yet. If the first came before the second, by the clock of their common
 * process, then the lease was granted under that number or a later one. The numbers before it do not count any more.
 */
final class LeaseCensus {
    private final List<Integer> announced = new ArrayList<>();
    /** Since when the client has obeyed each of the numbers, for the first ones of them. */
    private final List<Long> obeyedSince = new ArrayList<>();

    private final BitSet ended = new BitSet();

    /** The server announces that the connection takes so many leases. */
    void announced(int leases) {
        announced.add(leases);
    }

    /** The client has obeyed the next number since then. @return false if there is none */
    boolean obeyed(long since) {
        obeyedSince.add(since);
        return obeyedSince.size() <= announced.size();
    }

    /** A lease has ended, or nothing more is known of it. */
    void ended(int lease) {
        ended.set(lease);
    }

    boolean hasEnded(int lease) {
        return ended.get(lease);
    }

    /** At least so many leases there were when this one was granted; it has just said something for the first time. */
    int countAt(int lease) {
        return lease - ended.get(1, lease + 1).cardinality();
    }

    /** At most so many were allowed when a lease was granted whose acquire had not begun at this time. */
    int allowed(long since) {
        int first = obeyedSince.size() - 1;
        while (first > 0 && obeyedSince.get(first) >= since) {
            first--;
        }
        return most(first);
    }

    /** So many streams the client may have now, though it may not know of the last announcements yet. */
    int allowed() {
        return most(obeyedSince.size() - 1);
    }

    private int most(int first) {
        return announced.subList(Math.max(0, first), announced.size()).stream()
                .mapToInt(leases -> leases)
                .max()
                .orElse(0);
    }

    /** The number that was announced last; -1 if none was. */
    int latest() {
        return announced.isEmpty() ? -1 : announced.get(announced.size() - 1);
    }

    @Override
    public String toString() {
        return "announced " + announced + ", obeyed since " + obeyedSince + ", ended " + ended;
    }
}
