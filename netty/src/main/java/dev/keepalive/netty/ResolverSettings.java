package dev.keepalive.netty;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What resolv.conf(5) says: which name servers to ask, and how. Immutable.
 *
 * @param servers the name servers, at least one
 * @param searchDomains the domains in which a name with few dots is looked up
 * @param dots a name with as many dots as this is looked up as it is first, and in the search domains afterwards
 * @param timeout how long a server may take to answer
 * @param attempts how often all servers are asked if none answers
 * @param rotate whether lookups begin with the servers in turn
 */
record ResolverSettings(
        List<InetSocketAddress> servers,
        List<String> searchDomains,
        int dots,
        Duration timeout,
        int attempts,
        boolean rotate) {
    private static final int PORT = 53;
    // The limits of the C library.
    private static final int MAX_DOTS = 15;
    private static final int MAX_SECONDS = 30;
    private static final int MAX_ATTEMPTS = 5;

    ResolverSettings {
        servers = List.copyOf(servers);
        searchDomains = List.copyOf(searchDomains);
    }

    /** One server and the defaults of resolv.conf(5), without search domains. */
    static ResolverSettings of(InetSocketAddress... servers) {
        return new ResolverSettings(List.of(servers), List.of(), 1, Duration.ofSeconds(5), 2, false);
    }

    /** The same with another time for an answer. */
    ResolverSettings withTimeout(Duration other) {
        return new ResolverSettings(servers, searchDomains, dots, other, attempts, rotate);
    }

    /** The same with these search domains. */
    ResolverSettings withSearchDomains(String... domains) {
        return new ResolverSettings(servers, List.of(domains), dots, timeout, attempts, rotate);
    }

    /**
     * Reads the text of a resolv.conf. What cannot be read is skipped, as the C library does. {@code port} is a keyword
     * of other systems.
     *
     * @param moreOptions options that come after those of the file, like the environment's RES_OPTIONS; null for none
     * @param ifNone the servers if the text names none
     */
    static ResolverSettings parse(String text, @Nullable String moreOptions, List<InetSocketAddress> ifNone) {
        Parser parser = new Parser();
        text.lines().forEach(parser::line);
        if (moreOptions != null) {
            parser.options(moreOptions.trim().split("\\s+"), 0);
        }
        List<InetSocketAddress> servers = parser.addresses.stream()
                .map(address -> new InetSocketAddress(address, parser.port))
                .toList();
        return new ResolverSettings(
                servers.isEmpty() ? ifNone : servers,
                parser.domains,
                parser.dots,
                Duration.ofSeconds(parser.seconds),
                parser.attempts,
                parser.rotate);
    }

    /** The names to look up for a host, in this order. A name that ends with a dot is complete. */
    List<String> candidates(String host) {
        if (host.endsWith(".")) {
            return List.of(host.substring(0, host.length() - 1));
        }
        List<String> names = new ArrayList<>();
        for (String domain : searchDomains) {
            names.add(host + "." + domain);
        }
        boolean asItIsFirst = host.chars().filter(c -> c == '.').count() >= dots;
        names.add(asItIsFirst ? 0 : names.size(), host);
        return names;
    }

    /** Reads line by line; the last line of a kind counts, except that all servers do. */
    private static final class Parser {
        private final List<InetAddress> addresses = new ArrayList<>();
        private List<String> domains = List.of();
        private int port = PORT;
        private int dots = 1;
        private int seconds = 5;
        private int attempts = 2;
        private boolean rotate;

        void line(String line) {
            String[] words = line.trim().split("\\s+");
            if (words.length < 2) {
                return;
            }
            switch (words[0]) {
                case "nameserver" -> server(words[1]);
                case "domain" -> domains = domains(new String[] {words[0], words[1]});
                case "search" -> domains = domains(words);
                case "port" -> port = number(words[1], 1, 65_535, port);
                case "options" -> options(words, 1);
                default -> {
                    // A comment, or a keyword that this program does not need.
                }
            }
        }

        private void server(String text) {
            // Never a name, which would have to be looked up.
            if (TlsSettings.isAddress(text)) {
                try {
                    addresses.add(InetAddress.getByName(text));
                } catch (UnknownHostException e) {
                    // The zone of the address is a network interface that the host does not have.
                    return;
                }
            }
        }

        private static List<String> domains(String[] words) {
            List<String> domains = new ArrayList<>();
            for (int i = 1; i < words.length; i++) {
                String domain = words[i].toLowerCase(Locale.ROOT);
                domain = domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
                if (!domain.isEmpty()) {
                    domains.add(domain);
                }
            }
            return domains;
        }

        void options(String[] words, int from) {
            for (int i = from; i < words.length; i++) {
                String word = words[i];
                String value = word.substring(word.indexOf(':') + 1);
                if (word.startsWith("ndots:")) {
                    dots = number(value, 0, MAX_DOTS, dots);
                } else if (word.startsWith("timeout:")) {
                    seconds = number(value, 1, MAX_SECONDS, seconds);
                } else if (word.startsWith("attempts:")) {
                    attempts = number(value, 1, MAX_ATTEMPTS, attempts);
                } else if (word.equals("rotate")) {
                    rotate = true;
                }
            }
        }

        private static int number(String text, int least, int most, int ifNone) {
            try {
                return Math.max(least, Math.min(most, Integer.parseInt(text)));
            } catch (NumberFormatException e) {
                return ifNone;
            }
        }
    }
}
