package dev.keepalive.netty;

import io.netty.resolver.AddressResolverGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Looks host names up for a connector: with the user's resolver, or with the hosts file and then by DNS. DNS is asked
 * for both address families at once (RFC 8305, section 3), but for IPv4 only while this host has no IPv6. Safe from any
 * thread.
 */
final class HostNameResolver {
    private final List<CoalescedLookups> all;
    private final List<CoalescedLookups> withoutIpv6;
    private final Supplier<HostsFile> hosts;
    private final BooleanSupplier hasIpv6;
    private final long refreshNanos;
    private volatile @Nullable Families families;

    private HostNameResolver(
            List<CoalescedLookups> ipv6,
            List<CoalescedLookups> others,
            Supplier<HostsFile> hosts,
            BooleanSupplier hasIpv6,
            long refreshNanos) {
        this.all = Stream.concat(ipv6.stream(), others.stream()).toList();
        this.withoutIpv6 = others;
        this.hosts = hosts;
        this.hasIpv6 = hasIpv6;
        this.refreshNanos = refreshNanos;
    }

    /** Lookups with the user's resolver, which only the user closes. */
    static HostNameResolver by(AddressResolverGroup<? extends InetSocketAddress> resolver) {
        return by(List.<AddressResolverGroup<? extends InetSocketAddress>>of(resolver));
    }

    /** Lookups with several resolvers, each of which is asked. Only the user closes them. */
    static HostNameResolver by(List<? extends AddressResolverGroup<? extends InetSocketAddress>> resolvers) {
        List<CoalescedLookups> sources = resolvers.stream()
                .map(resolver -> new CoalescedLookups(new NettyNameSource(resolver)))
                .toList();
        return new HostNameResolver(List.of(), sources, () -> HostsFile.EMPTY, () -> false, Long.MAX_VALUE);
    }

    /**
     * Lookups as this host is configured. Its files are read again when they have changed.
     *
     * @param refreshNanos how often it is looked whether the host has IPv6
     */
    static HostNameResolver byDns(Transport transport, long refreshNanos) {
        return byDns(
                transport,
                new WatchedFile<>(HostConfiguration.HOSTS, HostsFile::parse)::get,
                new WatchedFile<>(HostConfiguration.RESOLV_CONF, HostConfiguration::resolverSettings)::get,
                HostConfiguration::hasIpv6,
                refreshNanos);
    }

    /**
     * The same with other sources of the configuration.
     *
     * @param settings gives the same object until the settings change
     */
    static HostNameResolver byDns(
            Transport transport,
            Supplier<HostsFile> hosts,
            Supplier<ResolverSettings> settings,
            BooleanSupplier hasIpv6,
            long refreshNanos) {
        DnsClient client = new DnsClient(transport, settings);
        return new HostNameResolver(
                List.of(new CoalescedLookups(client.ipv6())),
                List.of(new CoalescedLookups(client.ipv4())),
                hosts,
                hasIpv6,
                refreshNanos);
    }

    /**
     * The sources; a name is looked up with each of them.
     *
     * @param now the clock of the event loop
     */
    List<CoalescedLookups> sources(long now) {
        Families known = families;
        if (known == null || now - known.since >= refreshNanos) {
            known = new Families(hasIpv6.getAsBoolean(), now);
            families = known;
        }
        return known.ipv6 ? all : withoutIpv6;
    }

    /**
     * The addresses of a name in the system's hosts file; no source is asked if there are any. Empty if the file does
     * not have the name.
     */
    List<InetAddress> inHostsFile(String host) {
        return hosts.get().addresses(host);
    }

    /** Which families this host has had since this time. */
    private record Families(boolean ipv6, long since) {}
}
