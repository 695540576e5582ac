package dev.keepalive.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Counts the attempts of one exchange, and decides whether there is another one (RFC 9110, section 9.2.2; RFC 9113,
 * section 8.7). Not thread-safe.
 *
 * <p>A request that a reused connection has lost is sent again twice, if its method is idempotent. A request that the
 * server has not processed is sent again more often: a server with HTTP/2 may end each connection after a few streams,
 * and how often one request is unlucky depends on how many there are. So is one that a server has left unanswered when
 * it went away, as some do with each reload.
 */
final class Retries {
    /** Most attempts in all. */
    static final int MOST_ATTEMPTS = 100;

    private static final int MOST_LOST = 2;
    private static final int MOST_LEFT = 10;
    private static final int MOST_REASONS = 16;
    private static final int AT_ONCE = 3;
    private static final int LONGEST_PAUSE_MILLIS = 100;
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

    private final List<Throwable> reasons = new ArrayList<>(0);
    private int attempts;
    private int lost;
    private int left;
    private int noFaultInARow;

    /** Whether sending a request twice has the effect of once (RFC 9110, section 9.2.2). */
    static boolean isIdempotent(String method) {
        return IDEMPOTENT.contains(method);
    }

    /** An attempt begins. */
    void attempt() {
        attempts++;
    }

    int attempts() {
        return attempts;
    }

    /** Why each attempt but the last failed: the first of them. */
    List<Throwable> reasons() {
        return reasons;
    }

    /** Whether the next attempt must be on a fresh connection, since it is the last. */
    boolean needsFresh() {
        return lost >= MOST_LOST;
    }

    /** The next attempt goes another way: what was lost on this one does not count. */
    void otherWay(Throwable reason) {
        lost = 0;
        note(reason);
    }

    /** An attempt has failed. @return whether there may be another one */
    boolean mayFollow(Throwable reason, RetrySafety safety, String method) {
        boolean may = attempts < MOST_ATTEMPTS
                && switch (safety) {
                    case UNPROCESSED -> true;
                    case IF_IDEMPOTENT -> lost < MOST_LOST && isIdempotent(method);
                    case LEFT_IF_IDEMPOTENT -> left < MOST_LEFT && isIdempotent(method);
                    case NEVER -> false;
                };
        if (may) {
            noFaultInARow = safety == RetrySafety.IF_IDEMPOTENT ? 0 : noFaultInARow + 1;
            lost += safety == RetrySafety.IF_IDEMPOTENT ? 1 : 0;
            left += safety == RetrySafety.LEFT_IF_IDEMPOTENT ? 1 : 0;
            note(reason);
        }
        return may;
    }

    private void note(Throwable reason) {
        if (reasons.size() < MOST_REASONS) {
            reasons.add(reason);
        }
    }

    /** How long to wait before the next attempt, in milliseconds, lest a server that refuses everything is flooded. */
    int pauseMillis() {
        int doublings = noFaultInARow - AT_ONCE - 1;
        return doublings < 0 ? 0 : Math.min(LONGEST_PAUSE_MILLIS, 1 << Math.min(doublings, 10));
    }
}
