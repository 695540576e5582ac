package dev.keepalive;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The grammar of hosts. All spellings of a host that mean the same have one normal form; a spelling that programs read
 * in different ways, like {@code 127.0.0.010}, is refused. No name is looked up.
 */
final class HostSyntax {
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    private static final String DOTTED = OCTET + "(\\." + OCTET + "){3}";
    private static final Pattern IPV4 = Pattern.compile(DOTTED);
    /**
     * What may be an IPv6 address (RFC 4291, section 2.2). The JDK reads more than that: other digits, longer groups.
     */
    private static final Pattern IPV6 = Pattern.compile("([0-9A-Fa-f]{0,4}:){2,8}([0-9A-Fa-f]{0,4}|" + DOTTED + ")");

    private static final Pattern NUMBER_AT_END = Pattern.compile("(.*\\.)?([0-9]+|0x[0-9a-f]*)\\.?");
    private static final Pattern NAME = Pattern.compile("(?!-)[a-z0-9_-]{1,63}(\\.[a-z0-9_-]{1,63})*(?<!-)\\.?");
    private static final int LONGEST_NAME = 253;
    /** The name or the number of a network interface, as RFC 6874 allows it in a URI. */
    private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9._~-]{1,64}");

    private static final Pattern ZONE_NUMBER = Pattern.compile("0*[0-9]{1,9}");

    private HostSyntax() {}

    static String host(String host) {
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed || host.indexOf(':') >= 0) {
            return ipv6(host, bracketed ? host.substring(1, host.length() - 1) : host);
        }
        String name = isAscii(host) ? host.toLowerCase(Locale.ROOT) : InternationalName.toAscii(host);
        if (NUMBER_AT_END.matcher(name).matches()) {
            return ipv4(host, name);
        }
        int length = name.endsWith(".") ? name.length() - 1 : name.length();
        if (length > LONGEST_NAME || !NAME.matcher(name).matches()) {
            throw notAHost(host, null);
        }
        return name;
    }

    /** A name whose last label is a number is taken for an address by other programs, whatever form it has. */
    private static String ipv4(String host, String name) {
        if (!IPV4.matcher(name).matches()) {
            throw new IllegalArgumentException(EndpointSyntax.quoted("host", host)
                    + " is not allowed: an IPv4 address is four decimal numbers, 0 to 255, without leading zeros");
        }
        return name;
    }

    private static String ipv6(String host, String address) {
        int percent = address.indexOf('%');
        String plain = percent < 0 ? address : address.substring(0, percent);
        String zone = percent < 0 ? "" : address.substring(percent + 1);
        if (!IPV6.matcher(plain).matches()
                || percent >= 0 && !ZONE.matcher(zone).matches()) {
            throw notAHost(host, null);
        }
        try {
            // The brackets make the JDK read the text as an address, without a lookup.
            InetAddress parsed = InetAddress.getByName('[' + plain + ']');
            // Of another address the system ignores the zone.
            boolean zoned = parsed instanceof Inet6Address && parsed.isLinkLocalAddress();
            return parsed.getHostAddress() + (zoned ? zoneSuffix(zone) : "");
        } catch (UnknownHostException e) {
            throw notAHost(host, e);
        }
    }

    /** The zone in one form: the interface by its name, if there is one with this number. */
    private static String zoneSuffix(String zone) {
        if (!ZONE_NUMBER.matcher(zone).matches()) {
            return zone.isEmpty() ? "" : '%' + zone;
        }
        int number = Integer.parseInt(zone);
        if (number == 0) {
            return "";
        }
        try {
            NetworkInterface known = NetworkInterface.getByIndex(number);
            return '%' + (known == null ? String.valueOf(number) : known.getName());
        } catch (SocketException e) {
            return '%' + String.valueOf(number);
        }
    }

    /** The host as others know it: a zone is a name of this host only (RFC 4007, section 6). */
    static String withoutZone(String host) {
        int percent = host.indexOf('%');
        return percent < 0 ? host : host.substring(0, percent);
    }

    static IllegalArgumentException notAHost(String host, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                EndpointSyntax.quoted("host", host)
                        + " is not allowed: a host name or an IP address of 1 to 253 characters",
                cause);
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 128);
    }
}
