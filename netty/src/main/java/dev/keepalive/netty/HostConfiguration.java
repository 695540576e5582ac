package dev.keepalive.netty;

import io.netty.resolver.dns.DefaultDnsServerAddressStreamProvider;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** How names are looked up on this host. */
final class HostConfiguration {
    private static final boolean WINDOWS =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");

    /** The file of resolv.conf(5). */
    static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");

    /** The file of hosts(5). */
    static final Path HOSTS = WINDOWS
            ? Path.of(String.valueOf(System.getenv("SystemRoot")), "system32", "drivers", "etc", "hosts")
            : Path.of("/etc/hosts");

    private static final int DNS_PORT = 53;

    private HostConfiguration() {}

    /** The settings that a text of resolv.conf and the environment make. */
    static ResolverSettings resolverSettings(String text) {
        return ResolverSettings.parse(text, System.getenv("RES_OPTIONS"), defaultServers());
    }

    /** The name servers if resolv.conf names none: that of this host, or on Windows those of its own configuration. */
    private static List<InetSocketAddress> defaultServers() {
        return WINDOWS
                ? DefaultDnsServerAddressStreamProvider.defaultAddressList()
                : List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), DNS_PORT));
    }

    /** Whether this host has an IPv6 address with which it could reach another host. */
    static boolean hasIpv6() {
        if (Boolean.getBoolean("java.net.preferIPv4Stack")) {
            return false;
        }
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .anyMatch(address -> address instanceof Inet6Address
                            && !address.isAnyLocalAddress()
                            && !address.isLoopbackAddress()
                            && !address.isLinkLocalAddress());
        } catch (SocketException e) {
            return false;
        }
    }
}
