package dev.keepalive;

import java.net.IDN;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;

/** The grammar of the parts of an endpoint. Each method checks a part and returns its normal form. */
final class EndpointSyntax {
    private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]*");
    private static final Pattern HOST_NAME = Pattern.compile("[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?");
    private static final int LONGEST_PROTOCOL = 255;

    private EndpointSyntax() {}

    static String scheme(String scheme) {
        String lower = scheme.toLowerCase(Locale.ROOT);
        if (!SCHEME.matcher(lower).matches()) {
            throw new IllegalArgumentException("scheme '" + scheme
                    + "' is not allowed: a letter, then letters, digits, '+', '-' or '.' (RFC 3986)");
        }
        return lower;
    }

    static String host(String host) {
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed || host.indexOf(':') >= 0) {
            return ipv6(host, bracketed ? host : '[' + host + ']');
        }
        String ascii;
        try {
            ascii = IDN.toASCII(host, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(notAHost(host), e);
        }
        if (ascii.length() > 255 || !HOST_NAME.matcher(ascii).matches()) {
            throw new IllegalArgumentException(notAHost(host));
        }
        return ascii;
    }

    /** The brackets make the JDK read the text as an address, without a lookup. */
    private static String ipv6(String host, String bracketed) {
        try {
            return InetAddress.getByName(bracketed).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(notAHost(host), e);
        }
    }

    private static String notAHost(String host) {
        return "host '" + host + "' is not allowed: a host name or an IP address of 1 to 255 characters";
    }

    static int port(int port) {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port " + port + " is not allowed: 1 to 65535");
        }
        return port;
    }

    static int port(String port) {
        try {
            return Integer.parseInt(port);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("port '" + port + "' is not allowed: 1 to 65535", e);
        }
    }

    /** A name that a program gives to something: not blank, without control characters. */
    static String name(String what, String name) {
        if (name.isBlank() || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    what + " '" + name + "' is not allowed: a name that is not blank, without control characters");
        }
        return name;
    }

    /**
     * The name of a protocol for ALPN (RFC 7301, section 3.1): 1 to 255 bytes. Only visible ASCII characters are
     * allowed here.
     */
    static String protocol(String protocol) {
        boolean visible = protocol.chars().allMatch(c -> c > ' ' && c <= '~');
        if (protocol.isEmpty() || protocol.length() > LONGEST_PROTOCOL || !visible) {
            throw new IllegalArgumentException("protocol '" + protocol
                    + "' is not allowed: 1 to 255 visible ASCII characters, like h2 or http/1.1");
        }
        return protocol;
    }
}
