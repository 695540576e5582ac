package dev.keepalive;

import dev.keepalive.spi.VisibleText;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The grammar of the parts of an endpoint, the host excepted. Each method checks a part and returns its normal form.
 */
final class EndpointSyntax {
    private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*");
    private static final Pattern PORT = Pattern.compile("0*[0-9]{1,5}");
    private static final Pattern AFTER_HOST = Pattern.compile("[/?#]");
    private static final int LONGEST_PROTOCOL = 255;

    private EndpointSyntax() {}

    static String scheme(String scheme) {
        if (!SCHEME.matcher(scheme).matches()) {
            throw new IllegalArgumentException(quoted("scheme", scheme)
                    + " is not allowed: a letter, then letters, digits, '+', '-' or '.' (RFC 3986)");
        }
        return scheme.toLowerCase(Locale.ROOT);
    }

    static int port(int port) {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException(notAPort(String.valueOf(port)));
        }
        return port;
    }

    /** The port that the text says in ASCII digits. The message contains no other text: it may be a password. */
    static int port(String text) {
        if (!PORT.matcher(text).matches()) {
            boolean number = text.chars().allMatch(c -> c >= '0' && c <= '9');
            throw new IllegalArgumentException(
                    notAPort(number ? VisibleText.of(text) : "that is not a number in the digits 0 to 9"));
        }
        return port(Integer.parseInt(text));
    }

    private static String notAPort(String port) {
        return "port " + port + " is not allowed: 1 to 65535";
    }

    /** The value for messages, without what may be user information, a path or a query. */
    static String quoted(String what, String value) {
        if (value.indexOf('@') >= 0) {
            return what + " with user information";
        }
        Matcher end = AFTER_HOST.matcher(value);
        String shown = end.find() ? value.substring(0, end.end()) + "..." : value;
        return what + " '" + VisibleText.of(shown) + "'";
    }

    /** A name that a program gives to something: not blank, without control characters. */
    static String name(String what, String name) {
        if (name.isBlank() || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(what + " '" + VisibleText.of(name)
                    + "' is not allowed: a name that is not blank, without control characters");
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
            throw new IllegalArgumentException("protocol '" + VisibleText.of(protocol)
                    + "' is not allowed: 1 to 255 visible ASCII characters, like h2 or http/1.1");
        }
        return protocol;
    }
}
