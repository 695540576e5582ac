package dev.keepalive.netty;

import dev.keepalive.spi.LinkEvents;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
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
 * Looks the names of open connections up again, now and then, and has those retire whose address is not in the answer
 * any more. An answer that cannot be had, or that has no address, changes nothing. What is known of a name goes with
 * its last connection. Safe from any thread.
 */
final class DnsRefresher {
    private final NameLookup nameLookup;
    private final long intervalNanos;
    private final Map<String, Name> names = new HashMap<>();

    DnsRefresher(NameLookup nameLookup, long intervalNanos) {
        this.nameLookup = nameLookup;
        this.intervalNanos = intervalNanos;
    }

    /** A connection by this name to this address is open, until its channel is closed. */
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

    /** How many names are watched. */
    synchronized int size() {
        return names.size();
    }

    private record Connection(InetAddress address, LinkEvents<?> events) {}

    /** A name with open connections. Under the watch's monitor. */
    private final class Name {
        private final String host;
        private final Map<Channel, Connection> connections = new HashMap<>();
        private @Nullable Future<?> nextLookup;
        private @Nullable Answer currentLookup;

        Name(String host) {
            this.host = host;
        }

        void scheduleLookup(EventLoop loop) {
            if (nextLookup == null) {
                try {
                    nextLookup = loop.schedule(() -> lookUp(loop), intervalNanos, TimeUnit.NANOSECONDS);
                } catch (RejectedExecutionException shutDown) {
                    // Then its connections are at their end, too.
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
            Answer begun = new Answer(this, loop);
            synchronized (DnsRefresher.this) {
                if (connections.isEmpty()) {
                    return;
                }
                currentLookup = begun;
            }
            begun.search.begin(host);
        }

        private List<LinkEvents<?>> eventsOfOthersThan(Set<InetAddress> known) {
            List<LinkEvents<?>> gone = new ArrayList<>();
            for (Connection connection : connections.values()) {
                if (!known.contains(connection.address)) {
                    gone.add(connection.events);
                }
            }
            return gone;
        }
    }

    /** What comes of one look at a name. Event loop only. */
    private final class Answer implements AddressSearch.Listener {
        private final Name name;
        private final EventLoop loop;
        private final AddressSearch search;
        private final Set<InetAddress> known = new HashSet<>();

        Answer(Name name, EventLoop loop) {
            this.name = name;
            this.loop = loop;
            this.search = new AddressSearch(nameLookup, loop, true, this);
        }

        /**
         * Nobody wants to know any more. An answer may never come: a look that is waited for would stay for ever. Safe
         * from any thread.
         */
        void giveUp() {
            try {
                loop.execute(search::stop);
            } catch (RejectedExecutionException shutDown) {
                // Then nobody waits on it any more.
                return;
            }
        }

        @Override
        public void found(List<InetAddress> addresses) {
            known.addAll(addresses);
        }

        @Override
        public void ended() {
            boolean says = search.isComplete() && !known.isEmpty();
            List<LinkEvents<?>> gone;
            synchronized (DnsRefresher.this) {
                gone = says ? name.eventsOfOthersThan(known) : List.of();
                name.nextLookup = null;
                name.currentLookup = null;
                if (!name.connections.isEmpty()) {
                    name.scheduleLookup(loop);
                }
            }
            gone.forEach(LinkEvents::retire);
        }
    }
}
