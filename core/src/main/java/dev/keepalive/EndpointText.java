package dev.keepalive;

import dev.keepalive.spi.VisibleText;
import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads endpoints from text and URIs (RFC 3986). Messages contain scheme, host and port only: path, query and user
 * information may be secret.
 */
final class EndpointText {
    /** Scheme, authority, and the rest. */
    private static final Pattern FORM = Pattern.compile("([^:/?#]+)://([^/?#]*)(.*)", Pattern.DOTALL);

    private static final Pattern SHOWABLE = Pattern.compile("[^:@]*|\\[[^@]*](:[0-9]*)?|[^:@]*:[0-9]*");
    /** What has no scheme, or no colon after it: a word or host, slashes and a host, a port. */
    private static final Pattern ALMOST = Pattern.compile("([^:@/?#]*)(//[^:@/?#]*)?(:[0-9]+)?");

    private static final Pattern BRACKETED = Pattern.compile("\\[(.*)](:.*)?", Pattern.DOTALL);
    private static final String ZONE_IN_URI = "%25";

    private EndpointText() {}

    static Endpoint parse(String text) {
        Matcher form = FORM.matcher(Objects.requireNonNull(text, "the text is null: use scheme://host:port"));
        if (!form.matches()) {
            throw new IllegalArgumentException(notAnEndpoint(text) + ": use scheme://host:port");
        }
        if (!form.group(3).isEmpty()) {
            throw new IllegalArgumentException(shown(form)
                    + " has a path, a query or a fragment: an endpoint is scheme://host:port, nothing else");
        }
        return of(form.group(1), form.group(2), shown(form));
    }

    /** Says what is missing, without the text: it may be anything, for example a password. */
    private static String notAnEndpoint(String text) {
        Matcher almost = ALMOST.matcher(text);
        if (text.isBlank()) {
            return "the text is empty";
        } else if (!almost.matches()) {
            return "the text is not an endpoint";
        }
        if (almost.group(2) != null && !almost.group(1).isEmpty()) {
            return "the text has no ':' between its scheme and '//'";
        }
        return almost.group(3) == null ? "the text has no scheme and no port" : "the text has no scheme";
    }

    static Endpoint of(URI uri) {
        if (uri.getScheme() == null || uri.getRawAuthority() == null) {
            throw new IllegalArgumentException("the URI has no scheme or no host: use scheme://host:port");
        }
        Matcher form = FORM.matcher(uri.toString());
        return of(uri.getScheme(), uri.getRawAuthority(), form.matches() ? shown(form) : "the URI");
    }

    private static Endpoint of(String scheme, String authority, String shown) {
        if (authority.indexOf('@') >= 0) {
            throw new IllegalArgumentException(
                    "user information in a URI is not allowed: an endpoint is scheme, host and port; a login is made"
                            + " by ManagerBuilder.setup, and Endpoint.withOwner names its user");
        }
        // Not URI.getHost() and getPort(): they refuse names with an underscore, of which there are many.
        Matcher bracketed = BRACKETED.matcher(authority);
        boolean ipv6 = bracketed.matches();
        int colon = ipv6 ? authority.lastIndexOf("]") + 1 : authority.indexOf(':');
        boolean withPort = colon >= 0 && colon < authority.length();
        String host = withPort ? authority.substring(0, colon) : authority;
        String port = withPort ? authority.substring(colon + 1) : "";
        return Endpoint.of(
                scheme, withZone(host), port.isEmpty() ? defaultPort(scheme, shown) : EndpointSyntax.port(port));
    }

    /** In a URI, the percent sign before a zone is itself escaped (RFC 6874). Many programs write it bare. */
    private static String withZone(String host) {
        int zone = host.indexOf(ZONE_IN_URI);
        boolean escaped = zone >= 0 && zone == host.indexOf('%') && zone + ZONE_IN_URI.length() < host.length() - 1;
        return escaped ? host.substring(0, zone + 1) + host.substring(zone + ZONE_IN_URI.length()) : host;
    }

    private static int defaultPort(String scheme, String shown) {
        Integer known = WellKnownSchemes.defaultPort(scheme.toLowerCase(Locale.ROOT));
        if (known == null) {
            throw new IllegalArgumentException(
                    shown + " has no port, and its scheme no default: use scheme://host:port");
        }
        return known;
    }

    private static String shown(Matcher form) {
        boolean safe =
                SHOWABLE.matcher(form.group(2)).matches() && form.group(3).indexOf('@') < 0;
        return safe ? "'" + VisibleText.of(form.group(1) + "://" + form.group(2)) + "'" : "the text";
    }
}
