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
 * Name lookups, of which those for one name at one time are one, whatever event loop they come from. Keeps nothing once
 * a lookup is done: the cache is the resolver's. Safe from any thread.
 */
final class CoalescedLookups {
    /** Who waits for the answer to one lookup. Told once, on any thread, unless it leaves before. */
    interface Asker {
        void found(List<InetAddress> addresses);

        void failed(Throwable cause);
    }

    private final AddressResolverGroup<? extends InetSocketAddress> resolvers;
    private final ConcurrentMap<String, Lookup> running = new ConcurrentHashMap<>();

    CoalescedLookups(AddressResolverGroup<? extends InetSocketAddress> resolvers) {
        this.resolvers = resolvers;
    }

    /** Joins the lookup of this name, or begins one on this event loop, which must be the calling thread's. */
    Lookup join(String host, EventLoop loop, Asker asker) {
        while (true) {
            Lookup begun = new Lookup(host);
            Lookup lookup = running.computeIfAbsent(host, any -> begun);
            // If not, it has ended in this instant, and is out of the map already.
            if (lookup.add(asker)) {
                if (lookup == begun) {
                    lookup.begin(loop);
                }
                return lookup;
            }
        }
    }

    /** One lookup, and who waits for it. */
    final class Lookup {
        private final String host;
        // Under this lookup's lock. One that has ended takes nobody in; it leaves the map before it ends.
        private final List<Asker> askers = new ArrayList<>(1);
        private boolean ended;
        private @Nullable Future<?> query;

        private Lookup(String host) {
            this.host = host;
        }

        /**
         * Gives up waiting. Whoever asks for the name from now on begins a new lookup and does not inherit this one,
         * which may be stuck; those who wait for it already go on waiting. The last to leave cancels it.
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
                // Of nulls, say: the resolver is foreign code.
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

        /** @return what nobody waits for any more, or null */
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
