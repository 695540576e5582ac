package dev.keepalive.netty;

import io.netty.channel.EventLoop;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.dns.DefaultAuthoritativeDnsServerCache;
import io.netty.resolver.dns.DefaultDnsCnameCache;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;

/**
 * Netty's DNS client with one cache for all event loops: the system's name servers and hosts file, answers kept as long
 * as they allow, and that there is no such name for a few seconds.
 *
 * <p>Unlike Netty's own group this one does not merge lookups under way: {@link CoalescedLookups} does, and knows how
 * to get rid of one that is stuck.
 */
final class DnsResolvers extends AddressResolverGroup<InetSocketAddress> {
    private final DnsNameResolverBuilder settings;

    /** @param settings what differs from the system's; channels and caches are set here */
    DnsResolvers(Transport transport, DnsNameResolverBuilder settings) {
        DnsCache answers = new DnsCache();
        this.settings = settings.copy()
                .datagramChannelType(transport.udp())
                .socketChannelType(transport.tcpClass())
                .resolveCache(answers)
                .dnsQueryLifecycleObserverFactory(answers)
                .cnameCache(new DefaultDnsCnameCache(0, DnsCache.MAX_SECONDS))
                .authoritativeDnsServerCache(new DefaultAuthoritativeDnsServerCache(0, DnsCache.MAX_SECONDS, null));
    }

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return settings.copy().eventLoop((EventLoop) executor).build().asAddressResolver();
    }
}
