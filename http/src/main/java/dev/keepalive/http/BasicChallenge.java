package dev.keepalive.http;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A challenge of the scheme Basic (RFC 7617, section 2).
 *
 * @param realm the name of the protection space; empty if there is none
 * @param utf8 whether user and password are sent in UTF-8
 */
record BasicChallenge(String realm, boolean utf8) {
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final String QUOTED = "\"((?:[^\"\\\\]|\\\\.)*+)\"";
    /** A scheme, or a parameter of the one before (RFC 9110, section 11.6.1). */
    private static final Pattern PART = Pattern.compile("\\G[\\s,]*+(?:(" + TOKEN + ")\\s*+=\\s*+(?:(" + TOKEN + ")|"
            + QUOTED + ")|(" + TOKEN + ")(?:\\s++[A-Za-z0-9._~+/-]++=*+(?=\\s*(?:,|$)))?)");

    /** The first challenge of the scheme Basic in these values of a field; null if there is none. */
    static @Nullable BasicChallenge find(List<String> values) {
        for (String value : values) {
            BasicChallenge found = find(value);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static @Nullable BasicChallenge find(String value) {
        boolean inBasic = false;
        String realm = "";
        boolean utf8 = false;
        for (Matcher part = PART.matcher(value); part.find(); ) {
            String scheme = part.group(4);
            if (scheme != null) {
                if (inBasic) {
                    break;
                }
                inBasic = scheme.equalsIgnoreCase("Basic");
            } else if (inBasic) {
                String quoted = part.group(3);
                String text = quoted == null ? part.group(2) : quoted.replaceAll("\\\\(.)", "$1");
                if (part.group(1).equalsIgnoreCase("realm")) {
                    realm = text;
                } else if (part.group(1).equalsIgnoreCase("charset")) {
                    utf8 = text.equalsIgnoreCase("UTF-8");
                }
            }
        }
        return inBasic ? new BasicChallenge(realm, utf8) : null;
    }
}
