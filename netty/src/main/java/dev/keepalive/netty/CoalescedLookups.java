package dev.keepalive.netty;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Name lookups: concurrent lookups of one name share one query and its answer, on whatever event loops they were made.
 * Nothing is kept after a lookup is done: the resolver has the cache. Safe from any thread.
 */
final class CoalescedLookups {
    /** Waits for the answer to one lookup. It is called once, on any thread, unless it leaves before. */
    interface Asker {
        void found(List<InetAddress> addresses);

        void failed(Throwable cause);
    }

    /** Longer times are taken for this one, so that sums of them do not overflow. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private final NameSource source;
    private final ConcurrentMap<String, Lookup> running = new ConcurrentHashMap<>();

    CoalescedLookups(NameSource source) {
        this.source = source;
    }

    /**
     * Joins the lookup of this name that is under way, or begins one.
     *
     * @param loop the event loop of the calling thread; a new lookup runs on it
     * @param patience how long the asker waits at most. Others join the lookup that it begins in the first half of that
     *     time: later it may be stuck, and its asker may be about to give up and ask again
     */
    Lookup join(String host, EventLoop loop, Duration patience, Asker asker) {
        long now = loop.ticker().nanoTime();
        while (true) {
            Lookup begun = new Lookup(host, now + nanosOf(patience) / 2);
            Lookup lookup = running.compute(
                    host, (name, present) -> present == null || now - present.joinedUntil >= 0 ? begun : present);
            // Otherwise the lookup has ended at this moment, and is no longer in the map.
            if (lookup.add(asker)) {
                if (lookup == begun) {
                    lookup.begin(loop);
                }
                return lookup;
            }
        }
    }

    private static long nanosOf(Duration time) {
        return (time.compareTo(LONGEST) > 0 ? LONGEST : time).toNanos();
    }

    /** One lookup, and its askers. */
    final class Lookup {
        private final String host;
        private final long joinedUntil;
        // The fields below are guarded by this lookup's monitor. A lookup that has ended accepts no asker; it leaves
        // the map before it ends.
        private final List<Asker> askers = new ArrayList<>(1);
        private boolean ended;
        private @Nullable Future<?> query;

        private Lookup(String host, long joinedUntil) {
            this.host = host;
            this.joinedUntil = joinedUntil;
        }

        /**
         * Removes an asker. The next asker for this name begins a new lookup and does not join this one, which may be
         * stuck; the remaining askers go on waiting. When the last asker leaves, the query is cancelled.
         */
        void leave(Asker asker) {
            running.remove(host, this);
            Future<?> abandoned = remove(asker);
            if (abandoned != null) {
                abandoned.cancel(false);
            }
        }

        private void begin(EventLoop loop) {
            try {
                Future<List<InetAddress>> asked = source.lookUp(host, loop);
                synchronized (this) {
                    query = asked;
                }
                asked.addListener(done -> answer(asked));
            } catch (Throwable thrown) {
                endAndTakeAskers().forEach(asker -> asker.failed(thrown));
            }
        }

        private void answer(Future<List<InetAddress>> done) {
            Throwable cause = done.cause();
            if (cause != null) {
                endAndTakeAskers().forEach(asker -> asker.failed(cause));
            } else {
                List<InetAddress> addresses = done.getNow();
                endAndTakeAskers().forEach(asker -> asker.found(addresses));
            }
        }

        private synchronized boolean add(Asker asker) {
            return !ended && askers.add(asker);
        }

        /** @return the query, if no asker waits for it any more; else null */
        private synchronized @Nullable Future<?> remove(Asker asker) {
            askers.remove(asker);
            if (!askers.isEmpty()) {
                return null;
            }
            ended = true;
            return query;
        }

        private List<Asker> endAndTakeAskers() {
            running.remove(host, this);
            synchronized (this) {
                ended = true;
                List<Asker> taken = List.copyOf(askers);
                askers.clear();
                return taken;
            }
        }
    }
}
