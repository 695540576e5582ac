package dev.keepalive.netty;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that are still to be tried, in the order of RFC 8305, section 4: one of the preferred family first,
 * then one of the other, in turn; within a family in the order of the answers. Event loop only.
 */
final class AddressCandidates {
    private final int port;
    private final Predicate<InetAddress> reachable;
    private final Deque<SocketAddress> ipv6 = new ArrayDeque<>();
    private final Deque<SocketAddress> ipv4 = new ArrayDeque<>();
    private final Set<InetAddress> known = new HashSet<>();
    private @Nullable Boolean ipv6IsNext;

    /**
     * No candidates yet.
     *
     * @param reachable which addresses are worth a try
     * @param sixFirst the family to begin with, or null for that of the first address
     */
    AddressCandidates(int port, Predicate<InetAddress> reachable, @Nullable Boolean sixFirst) {
        this.port = port;
        this.reachable = reachable;
        this.ipv6IsNext = sixFirst;
    }

    /** The one candidate that needs no port. */
    static AddressCandidates only(SocketAddress address) {
        AddressCandidates only = new AddressCandidates(0, any -> true, null);
        only.ipv4.add(address);
        return only;
    }

    /** Adds the addresses of one more answer; what is known already is not tried twice. */
    void add(Collection<InetAddress> found) {
        for (InetAddress address : found) {
            if (known.add(address) && reachable.test(address)) {
                boolean isSix = address instanceof Inet6Address;
                if (ipv6IsNext == null) {
                    ipv6IsNext = isSix;
                }
                (isSix ? ipv6 : ipv4).add(new InetSocketAddress(address, port));
            }
        }
    }

    /** True if every address so far was left out. */
    boolean isOutOfReach() {
        return isEmpty() && !known.isEmpty();
    }

    /** All addresses so far. */
    Set<InetAddress> known() {
        return known;
    }

    boolean isEmpty() {
        return ipv6.isEmpty() && ipv4.isEmpty();
    }

    /** The next to be tried, or null if there is none for now. */
    @Nullable
    SocketAddress next() {
        if (isEmpty()) {
            return null;
        }
        boolean fromSix = Boolean.TRUE.equals(ipv6IsNext);
        ipv6IsNext = !fromSix;
        Deque<SocketAddress> preferred = fromSix ? ipv6 : ipv4;
        SocketAddress first = preferred.poll();
        return first != null ? first : (fromSix ? ipv4 : ipv6).poll();
    }
}
