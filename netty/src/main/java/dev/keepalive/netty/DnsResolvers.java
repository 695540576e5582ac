package dev.keepalive.netty;

import dev.keepalive.Phase;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.dns.DefaultAuthoritativeDnsServerCache;
import io.netty.resolver.dns.DefaultDnsCache;
import io.netty.resolver.dns.DefaultDnsCnameCache;
import io.netty.resolver.dns.DnsCacheEntry;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Netty's DNS client with one cache for all event loops: the system's name servers and hosts file, answers kept as long as they allow, and that
 * there is no such name for a few seconds.
 *
 * <p>Unlike Netty's own group this one does not merge lookups under way: {@link SharedLookups} does, and knows how to get rid of one that is
 * stuck.
 */
final class DnsResolvers extends AddressResolverGroup<InetSocketAddress> {
    /** How long that there is no such name is kept: much less than RFC 2308 allows, so that a name that is new is found soon. */
    private static final int NEGATIVE_SECONDS = 5;

    private final DnsNameResolverBuilder settings;

    /** @param settings what differs from the system's; channels and caches are set here */
    DnsResolvers(Transport transport, DnsNameResolverBuilder settings) {
        this.settings = settings.copy()
                .datagramChannelType(transport.udp())
                .socketChannelType(transport.tcpClass())
                .resolveCache(new Answers())
                .cnameCache(new DefaultDnsCnameCache())
                .authoritativeDnsServerCache(new DefaultAuthoritativeDnsServerCache());
    }

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return settings.copy().eventLoop((EventLoop) executor).build().asAddressResolver();
    }

    /** Keeps answers, and that there is no such name; not that a name server was in trouble, which would look the same afterwards. */
    private static final class Answers extends DefaultDnsCache {
        Answers() {
            super(0, Integer.MAX_VALUE, NEGATIVE_SECONDS);
        }

        @Override
        public DnsCacheEntry cache(String name, DnsRecord[] additionals, Throwable cause, EventLoop loop) {
            return SystemErrors.isNoSuchName(SystemErrors.of(Phase.RESOLVE, cause))
                    ? super.cache(name, additionals, cause, loop)
                    : new NotKept(cause);
        }
    }

    /** An answer that is of no use later. */
    private record NotKept(Throwable cause) implements DnsCacheEntry {
        @Override
        public @Nullable InetAddress address() {
            return null;
        }
    }
}
