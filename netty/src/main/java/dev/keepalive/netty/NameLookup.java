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
 * Who looks names up for a connector: the user's resolver; or Netty's DNS client, with the hosts file before it, asked
 * for both families at once, each with a cache of its own (RFC 8305, section 3). Safe from any thread.
 */
final class NameLookup {
    private static final DefaultHostsFileEntriesResolver HOSTS_FILE = new DefaultHostsFileEntriesResolver();

    private final List<CoalescedLookups> sources;
    private final boolean withHostsFile;
    /** Ours to close. */
    private final List<AddressResolverGroup<?>> owned;

    private NameLookup(
            List<? extends AddressResolverGroup<? extends InetSocketAddress>> resolvers,
            boolean withHostsFile,
            List<AddressResolverGroup<?>> own) {
        this.sources = resolvers.stream().map(CoalescedLookups::new).toList();
        this.withHostsFile = withHostsFile;
        this.owned = own;
    }

    /** By the user's resolver, which stays the user's to close. */
    static NameLookup by(AddressResolverGroup<? extends InetSocketAddress> resolver) {
        return by(List.<AddressResolverGroup<? extends InetSocketAddress>>of(resolver));
    }

    /** By several resolvers, each of which is asked; they stay the user's to close. */
    static NameLookup by(List<? extends AddressResolverGroup<? extends InetSocketAddress>> resolvers) {
        return new NameLookup(resolvers, false, List.of());
    }

    /** By Netty's DNS client with the system's name servers. */
    static NameLookup byDns(Transport transport) {
        return byDns(transport, new DnsNameResolverBuilder(), hasIpv6());
    }

    /** By Netty's DNS client with other settings; channels, caches and families are set here. */
    static NameLookup byDns(Transport transport, DnsNameResolverBuilder settings, boolean withSix) {
        List<DnsResolvers> resolvers = new ArrayList<>();
        if (withSix) {
            resolvers.add(
                    new DnsResolvers(transport, settings.copy().resolvedAddressTypes(ResolvedAddressTypes.IPV6_ONLY)));
        }
        resolvers.add(
                new DnsResolvers(transport, settings.copy().resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)));
        return new NameLookup(resolvers, true, List.copyOf(resolvers));
    }

    /** Each of whom a name is to be asked. */
    List<CoalescedLookups> sources() {
        return sources;
    }

    /** What the system's hosts file says of a name, which is then all that is said of it; empty if it says nothing. */
    List<InetAddress> inHostsFile(String host) {
        List<InetAddress> found =
                withHostsFile ? HOSTS_FILE.addresses(host, ResolvedAddressTypes.IPV6_PREFERRED) : null;
        return Objects.requireNonNullElse(found, List.of());
    }

    void close() {
        owned.forEach(AddressResolverGroup::close);
    }

    /** Whether this machine has any address of IPv6 by which it could reach another one. */
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
