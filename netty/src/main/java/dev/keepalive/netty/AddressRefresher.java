package dev.keepalive.netty;

import dev.keepalive.spi.LinkEvents;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks the names of open connections up again periodically, and retires the connections whose address is no longer in
 * the answer. A lookup that fails, finds no address, or finds so many that the answer may be cut, changes nothing. A
 * name is forgotten with its last connection. Safe from any thread.
 */
final class AddressRefresher {
    /** A lookup that is not answered in the time of so many lookups is given up, and another one begins. */
    private static final int MAX_ROUNDS = 8;

    private final HostNameResolver hostNameResolver;
    private final long intervalNanos;
    private final Map<String, Name> names = new HashMap<>();

    AddressRefresher(HostNameResolver hostNameResolver, long intervalNanos) {
        this.hostNameResolver = hostNameResolver;
        this.intervalNanos = intervalNanos;
    }

    /** Registers a connection to this address of this name, until its channel is closed. */
    void opened(String host, InetAddress address, Channel channel, LinkEvents<?> events) {
        synchronized (this) {
            Name name = names.computeIfAbsent(host, Name::new);
            name.connections.put(channel, new Connection(address, events));
            name.scheduleLookup(channel.eventLoop());
        }
        channel.closeFuture().addListener(closed -> closed(host, channel));
    }

    private synchronized void closed(String host, Channel channel) {
        Name name = names.get(host);
        if (name != null) {
            name.connections.remove(channel);
            if (name.connections.isEmpty()) {
                names.remove(host);
                name.stop();
            }
        }
    }

    /** The number of names that have open connections. */
    synchronized int size() {
        return names.size();
    }

    private record Connection(InetAddress address, LinkEvents<?> events) {}

    /** A name with open connections. Guarded by the monitor of the refresher. */
    private final class Name {
        private final String host;
        private final Map<Channel, Connection> connections = new HashMap<>();
        private @Nullable Future<?> nextLookup;
        private @Nullable Answer currentLookup;
        private int roundsOfCurrent;

        Name(String host) {
            this.host = host;
        }

        void scheduleLookup(EventLoop loop) {
            if (nextLookup == null) {
                try {
                    nextLookup = loop.schedule(() -> lookUp(loop), intervalNanos, TimeUnit.NANOSECONDS);
                } catch (RejectedExecutionException shutDown) {
                    // The loop is shut down, so its connections end, too.
                    return;
                }
            }
        }

        void stop() {
            if (nextLookup != null) {
                nextLookup.cancel(false);
            }
            if (currentLookup != null) {
                currentLookup.giveUp();
            }
        }

        private void lookUp(EventLoop loop) {
            Answer begun;
            synchronized (AddressRefresher.this) {
                nextLookup = null;
                if (connections.isEmpty()) {
                    return;
                }
                // Whatever becomes of this lookup, there will be another one.
                scheduleLookup(loop);
                if (currentLookup != null && ++roundsOfCurrent < MAX_ROUNDS) {
                    return;
                }
                if (currentLookup != null) {
                    currentLookup.giveUp();
                }
                begun = new Answer(this, loop);
                currentLookup = begun;
                roundsOfCurrent = 0;
            }
            begun.search.begin(host);
        }

        private List<LinkEvents<?>> eventsOfConnectionsNotAt(Set<InetAddress> addresses) {
            List<LinkEvents<?>> gone = new ArrayList<>();
            for (Connection connection : connections.values()) {
                if (!addresses.contains(connection.address)) {
                    gone.add(connection.events);
                }
            }
            return gone;
        }
    }

    /** One lookup of a name. Event loop only, except where stated. */
    private final class Answer implements AddressSearch.Listener {
        private final Name name;
        private final EventLoop loop;
        private final AddressSearch search;
        private final Set<InetAddress> known = new HashSet<>();

        Answer(Name name, EventLoop loop) {
            this.name = name;
            this.loop = loop;
            this.search = new AddressSearch(hostNameResolver, loop, true, Duration.ofNanos(intervalNanos), this);
        }

        /**
         * Stops the lookup. An answer may never come, and a lookup that waits for it would stay for ever. Safe from any
         * thread.
         */
        void giveUp() {
            try {
                loop.execute(search::stop);
            } catch (RejectedExecutionException shutDown) {
                // The loop is shut down, so no task of this lookup runs any more.
                return;
            }
        }

        @Override
        public void found(List<InetAddress> addresses) {
            known.addAll(addresses);
        }

        /** True if there may be more addresses of a family than are taken from an answer. */
        private boolean mayBeCut() {
            long ipv6 = known.stream().filter(Inet6Address.class::isInstance).count();
            return ipv6 == DnsLookup.MAX_ADDRESSES || known.size() - ipv6 == DnsLookup.MAX_ADDRESSES;
        }

        @Override
        public void ended() {
            boolean usable = search.isComplete() && !known.isEmpty() && !mayBeCut();
            List<LinkEvents<?>> gone;
            synchronized (AddressRefresher.this) {
                gone = usable ? name.eventsOfConnectionsNotAt(known) : List.of();
                name.currentLookup = null;
            }
            gone.forEach(LinkEvents::retire);
        }
    }
}
