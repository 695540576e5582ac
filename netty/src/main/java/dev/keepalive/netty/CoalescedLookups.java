package dev.keepalive.netty;

import io.netty.channel.EventLoop;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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

    private final AddressResolverGroup<? extends InetSocketAddress> resolvers;
    private final ConcurrentMap<String, Lookup> running = new ConcurrentHashMap<>();

    CoalescedLookups(AddressResolverGroup<? extends InetSocketAddress> resolvers) {
        this.resolvers = resolvers;
    }

    /**
     * Joins the lookup of this name that is under way, or begins one.
     *
     * @param loop the event loop of the calling thread; a new lookup runs on it
     */
    Lookup join(String host, EventLoop loop, Asker asker) {
        while (true) {
            Lookup begun = new Lookup(host);
            Lookup lookup = running.computeIfAbsent(host, any -> begun);
            // Otherwise the lookup has ended at this moment, and is no longer in the map.
            if (lookup.add(asker)) {
                if (lookup == begun) {
                    lookup.begin(loop);
                }
                return lookup;
            }
        }
    }

    /** One lookup, and its askers. */
    final class Lookup {
        private final String host;
        // The fields below are guarded by this lookup's monitor. A lookup that has ended accepts no asker; it leaves
        // the map before it ends.
        private final List<Asker> askers = new ArrayList<>(1);
        private boolean ended;
        private @Nullable Future<?> query;

        private Lookup(String host) {
            this.host = host;
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
                Future<? extends List<? extends InetSocketAddress>> asked =
                        resolvers.getResolver(loop).resolveAll(InetSocketAddress.createUnresolved(host, 0));
                synchronized (this) {
                    query = asked;
                }
                asked.addListener(done -> answer(asked));
            } catch (Throwable thrown) {
                endAndTakeAskers().forEach(asker -> asker.failed(thrown));
            }
        }

        private void answer(Future<? extends List<? extends InetSocketAddress>> done) {
            Throwable cause = done.cause();
            if (cause != null) {
                endAndTakeAskers().forEach(asker -> asker.failed(cause));
                return;
            }
            List<InetAddress> addresses;
            try {
                addresses = addressesIn(done.getNow());
            } catch (RuntimeException broken) {
                // The resolver is foreign code: its answer may contain nulls, for example.
                endAndTakeAskers().forEach(asker -> asker.failed(broken));
                return;
            }
            endAndTakeAskers().forEach(asker -> asker.found(addresses));
        }

        private static List<InetAddress> addressesIn(List<? extends InetSocketAddress> answer) {
            List<InetAddress> addresses = new ArrayList<>();
            for (InetSocketAddress found : answer) {
                if (!found.isUnresolved()) {
                    addresses.add(found.getAddress());
                }
            }
            return addresses;
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
