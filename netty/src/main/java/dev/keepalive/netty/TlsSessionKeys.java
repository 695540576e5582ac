package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the TLS sessions of endpoints apart, and forgets them. An engine looks a session up by the name and port of the
 * peer. These alone would resume a session that was made with another server name, with other protocols, through a
 * proxy, or by a connector that does not verify host names. So the engine gets a number in place of the port. No other
 * endpoint has this number, nor has the same endpoint in another connector. An endpoint whose sessions are forgotten
 * gets a new number; what a handshake under the old one still brings is never found. Safe from any thread.
 */
final class TlsSessionKeys {
    private static final int FIRST = 1 << 16;
    /**
     * The number of endpoints that are remembered. An endpoint that was dropped makes a full handshake the next time.
     */
    private static final int MAX_KEYS = 4096;
    /** The number of users of a session that are remembered: of a proxy, for example. */
    private static final int MAX_USERS = 16;

    /**
     * The last number that was assigned. One counter for all connectors, since they may share settings, and with them
     * sessions. After two billion numbers it starts again.
     */
    private static final AtomicInteger LAST = new AtomicInteger(FIRST - 1);

    /** The number of an endpoint. */
    private static final class Key {
        final int number = LAST.updateAndGet(last -> last == Integer.MAX_VALUE ? FIRST : last + 1);
        final long since;
        /** The other endpoints whose connections have used the number; null if they are too many. */
        @Nullable
        Set<Endpoint> users = new HashSet<>(0);

        Key(long since) {
            this.since = since;
        }

        void usedBy(Endpoint user) {
            if (users != null && users.add(user) && users.size() > MAX_USERS) {
                users = null;
            }
        }

        boolean isUsedByAny(Set<Endpoint> endpoints) {
            return users == null || users.stream().anyMatch(endpoints::contains);
        }
    }

    private final long timeoutNanos;
    private final Map<Endpoint, Key> keys = new LruMap<>(MAX_KEYS);

    /** @param timeoutNanos how long an endpoint keeps its number: so long may a session be resumed */
    TlsSessionKeys(long timeoutNanos) {
        this.timeoutNanos = timeoutNanos;
    }

    /**
     * The number that an engine gets as the port of this endpoint. It is greater than every port, so it cannot be a
     * real one.
     *
     * @param endpoint the endpoint that the handshake is made with
     * @param user the endpoint that the connection leads to: another one if the handshake is with its proxy, or for
     *     STARTTLS
     * @param now the time of the event loop, in nanoseconds
     */
    synchronized int of(Endpoint endpoint, Endpoint user, long now) {
        Key key = keys.get(endpoint);
        if (key == null || now - key.since >= timeoutNanos) {
            key = new Key(now);
            keys.put(endpoint, key);
        }
        if (!user.equals(endpoint)) {
            key.usedBy(user);
        }
        return key.number;
    }

    /**
     * Forgets the sessions with endpoints that match, and those that connections to endpoints that match have used. A
     * session that was used by more endpoints than are remembered is forgotten in any case.
     *
     * @param which called by this method, without a lock
     */
    void forget(Predicate<? super Endpoint> which) {
        Set<Endpoint> matching = remembered();
        matching.removeIf(endpoint -> !which.test(endpoint));
        synchronized (this) {
            keys.entrySet()
                    .removeIf(each ->
                            matching.contains(each.getKey()) || each.getValue().isUsedByAny(matching));
        }
    }

    private synchronized Set<Endpoint> remembered() {
        Set<Endpoint> all = new HashSet<>(keys.keySet());
        for (Key key : keys.values()) {
            if (key.users != null) {
                all.addAll(key.users);
            }
        }
        return all;
    }
}
