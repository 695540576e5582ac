package dev.keepalive;

import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The schemes that mean TLS, and the default ports of schemes. All schemes here are in lower case. */
final class WellKnownSchemes {
    /** Schemes whose default port is registered with the scheme or with its service name (RFC 6335). */
    private static final Map<String, Integer> PORTS = Map.ofEntries(
            Map.entry("http", 80),
            Map.entry("ws", 80),
            Map.entry("https", 443),
            Map.entry("wss", 443),
            Map.entry("coaps+ws", 443),
            Map.entry("submissions", 465),
            Map.entry("smtps", 465),
            Map.entry("nntps", 563),
            Map.entry("snews", 563),
            Map.entry("ipps", 631),
            Map.entry("ldaps", 636),
            Map.entry("ftps", 990),
            Map.entry("telnets", 992),
            Map.entry("imaps", 993),
            Map.entry("pop3s", 995),
            Map.entry("rtsps", 322),
            Map.entry("sips", 5061),
            Map.entry("turns", 5349),
            Map.entry("stuns", 5349),
            Map.entry("amqps", 5671),
            Map.entry("coaps+tcp", 5684),
            Map.entry("ircs", 6697),
            Map.entry("mqtts", 8883));

    /** Words that mean TLS, alone or as a part of a scheme. */
    private static final Set<String> TLS_WORDS = Set.of(
            "tls",
            "ssl",
            "https",
            "wss",
            "coaps",
            "rediss",
            "couchbases",
            "valkeys",
            "amqps",
            "mqtts",
            "stomps",
            "grpcs",
            "ldaps",
            "smtps",
            "submissions",
            "imaps",
            "pop3s",
            "pops",
            "nntps",
            "snews",
            "ftps",
            "ircs",
            "xmpps",
            "sips",
            "turns",
            "stuns",
            "msrps",
            "ipps",
            "rtsps",
            "rtmps",
            "telnets",
            "gophers",
            "gemini",
            "davs",
            "webdavs",
            "caldavs",
            "carddavs",
            "smbs",
            "nbds",
            "smpps",
            "tcps",
            "xpcs",
            "beeps");

    /** Schemes that mean TLS without such a word. */
    private static final Set<String> TLS_SCHEMES = Set.of("bolt+s", "bolt+ssc", "mongodb+srv", "neo4j+s", "neo4j+ssc");

    private static final Pattern BETWEEN_WORDS = Pattern.compile("[+.-]");

    private WellKnownSchemes() {}

    static boolean meansTls(String scheme) {
        return TLS_SCHEMES.contains(scheme)
                || BETWEEN_WORDS.splitAsStream(scheme).anyMatch(TLS_WORDS::contains);
    }

    /** The default port; null if the scheme has none. */
    static @Nullable Integer defaultPort(String scheme) {
        return PORTS.get(scheme);
    }
}
