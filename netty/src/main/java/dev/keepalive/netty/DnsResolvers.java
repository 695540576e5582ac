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
 * Netty's DNS client with one cache for all event loops. It uses the system's name servers and hosts file. It keeps an
 * answer for its time to live within the limits of {@link DnsCache}, and keeps for a few seconds that a name does not
 * exist.
 *
 * <p>Unlike Netty's own group, this one does not merge concurrent lookups of a name: {@link CoalescedLookups} does, and
 * can abandon a lookup that is stuck.
 */
final class DnsResolvers extends AddressResolverGroup<InetSocketAddress> {
    private final DnsNameResolverBuilder settings;

    /** @param settings the settings that differ from the defaults; channels and caches are set here */
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
