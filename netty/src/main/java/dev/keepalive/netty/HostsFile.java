package dev.keepalive.netty;

import io.netty.resolver.HostsFileEntriesProvider;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The content of a hosts file, hosts(5). Immutable. */
final class HostsFile {
    static final HostsFile EMPTY = new HostsFile(Map.of(), Map.of());

    private final Map<String, List<InetAddress>> ipv6;
    private final Map<String, List<InetAddress>> ipv4;

    private HostsFile(Map<String, List<InetAddress>> ipv6, Map<String, List<InetAddress>> ipv4) {
        this.ipv6 = ipv6;
        this.ipv4 = ipv4;
    }

    static HostsFile parse(String text) {
        try {
            HostsFileEntriesProvider entries = HostsFileEntriesProvider.parser().parse(new StringReader(text));
            return new HostsFile(entries.ipv6Entries(), entries.ipv4Entries());
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot fail", e);
        }
    }

    /** All addresses of a name, those of IPv6 first. */
    List<InetAddress> addresses(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return Stream.of(ipv6, ipv4)
                .flatMap(entries -> entries.getOrDefault(name, List.of()).stream())
                .toList();
    }
}
