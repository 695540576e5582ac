package dev.keepalive.netty;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * A client of DNS that asks the name servers of this host. Its answers are kept for all event loops, until their time
 * is up or the settings change. Safe from any thread.
 */
final class DnsClient {
    private final Transport transport;
    private final Supplier<ResolverSettings> settings;
    private volatile State state;

    /** @param settings the settings of now, asked for at each lookup; the same object until they change */
    DnsClient(Transport transport, Supplier<ResolverSettings> settings) {
        this.transport = transport;
        this.settings = settings;
        this.state = new State(settings.get());
    }

    /** Lookups of IPv6 addresses. */
    NameSource ipv6() {
        return (host, loop) -> lookUp(host, DnsMessage.AAAA, loop);
    }

    /** Lookups of IPv4 addresses. */
    NameSource ipv4() {
        return (host, loop) -> lookUp(host, DnsMessage.A, loop);
    }

    private Future<List<InetAddress>> lookUp(String host, int type, EventLoop loop) {
        State now = currentState();
        String name = host.toLowerCase(Locale.ROOT);
        List<InetAddress> kept = now.cacheOf(type).get(name, loop.ticker().nanoTime());
        if (kept != null) {
            return kept.isEmpty()
                    ? loop.newFailedFuture(new UnknownHostException(host))
                    : loop.newSucceededFuture(kept);
        }
        Promise<List<InetAddress>> result = loop.newPromise();
        new DnsLookup(transport, loop, now, name, type, result).begin();
        return result;
    }

    private State currentState() {
        ResolverSettings now = settings.get();
        State known = state;
        if (known.settings != now) {
            known = new State(now);
            state = known;
        }
        return known;
    }

    /**
     * What is known under the present settings. A lookup that began before a change of the settings leaves its answer
     * in the old state. Safe from any thread.
     */
    static final class State {
        private final ResolverSettings settings;
        private final NameServers servers;
        private final DnsCache ipv4 = new DnsCache();
        private final DnsCache ipv6 = new DnsCache();

        State(ResolverSettings settings) {
            this.settings = settings;
            this.servers = new NameServers(settings);
        }

        ResolverSettings settings() {
            return settings;
        }

        NameServers servers() {
            return servers;
        }

        DnsCache cacheOf(int type) {
            return type == DnsMessage.A ? ipv4 : ipv6;
        }
    }
}
