package dev.keepalive.netty;

import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.DefaultHostsFileEntriesResolver;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Looks host names up for a connector: with the user's resolver, or with the hosts file and then Netty's DNS client.
 * That client is asked for both address families at once, each with a cache of its own (RFC 8305, section 3). Safe from
 * any thread.
 */
final class HostNameResolver {
    private static final DefaultHostsFileEntriesResolver HOSTS_FILE = new DefaultHostsFileEntriesResolver();

    private final List<CoalescedLookups> sources;
    private final boolean withHostsFile;
    /** The resolvers that this object closes. */
    private final List<AddressResolverGroup<?>> owned;

    private HostNameResolver(
            List<? extends AddressResolverGroup<? extends InetSocketAddress>> resolvers,
            boolean withHostsFile,
            List<AddressResolverGroup<?>> owned) {
        this.sources = resolvers.stream().map(CoalescedLookups::new).toList();
        this.withHostsFile = withHostsFile;
        this.owned = owned;
    }

    /** Lookups with the user's resolver, which only the user closes. */
    static HostNameResolver by(AddressResolverGroup<? extends InetSocketAddress> resolver) {
        return by(List.<AddressResolverGroup<? extends InetSocketAddress>>of(resolver));
    }

    /** Lookups with several resolvers, each of which is asked. Only the user closes them. */
    static HostNameResolver by(List<? extends AddressResolverGroup<? extends InetSocketAddress>> resolvers) {
        return new HostNameResolver(resolvers, false, List.of());
    }

    /** Lookups with the hosts file, and Netty's DNS client with the system's name servers. */
    static HostNameResolver byDns(Transport transport) {
        return byDns(transport, new DnsNameResolverBuilder(), hasIpv6());
    }

    /**
     * Lookups with the hosts file, and Netty's DNS client with these settings; its channels, caches and families are
     * set here.
     */
    static HostNameResolver byDns(Transport transport, DnsNameResolverBuilder settings, boolean withIpv6) {
        List<DnsResolvers> resolvers = new ArrayList<>();
        if (withIpv6) {
            resolvers.add(
                    new DnsResolvers(transport, settings.copy().resolvedAddressTypes(ResolvedAddressTypes.IPV6_ONLY)));
        }
        resolvers.add(
                new DnsResolvers(transport, settings.copy().resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)));
        return new HostNameResolver(resolvers, true, List.copyOf(resolvers));
    }

    /** The sources; a name is looked up with each of them. */
    List<CoalescedLookups> sources() {
        return sources;
    }

    /**
     * The addresses of a name in the system's hosts file; no source is asked if there are any. Empty if the file does
     * not have the name.
     */
    List<InetAddress> inHostsFile(String host) {
        List<InetAddress> found =
                withHostsFile ? HOSTS_FILE.addresses(host, ResolvedAddressTypes.IPV6_PREFERRED) : null;
        return Objects.requireNonNullElse(found, List.of());
    }

    void close() {
        owned.forEach(AddressResolverGroup::close);
    }

    /** Whether this host has an IPv6 address with which it could reach another host. */
    private static boolean hasIpv6() {
        if (Boolean.getBoolean("java.net.preferIPv4Stack")) {
            return false;
        }
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .anyMatch(address -> address instanceof java.net.Inet6Address
                            && !address.isAnyLocalAddress()
                            && !address.isLoopbackAddress()
                            && !address.isLinkLocalAddress());
        } catch (SocketException e) {
            return false;
        }
    }
}
