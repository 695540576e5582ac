package dev.keepalive.netty;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that are still to be tried, in the order of RFC 8305, section 4: one of the preferred family first,
 * then one of the other, in turn. Within a family they keep the order of the answers. Of each family, only the first 16
 * are taken, since a name server may give any number. Event loop only.
 */
final class AddressCandidates {
    /** How many addresses of each family are tried at most. */
    static final int MAX_OF_FAMILY = 16;

    private final int port;
    private final Predicate<InetAddress> reachable;
    private final Deque<SocketAddress> ipv6 = new ArrayDeque<>();
    private final Deque<SocketAddress> ipv4 = new ArrayDeque<>();
    private final Set<InetAddress> known = new LinkedHashSet<>();
    private int takenIpv6;
    private int takenIpv4;
    private @Nullable Boolean ipv6IsNext;

    /**
     * Makes an empty list of candidates.
     *
     * @param port the port of all candidates
     * @param reachable which addresses are worth an attempt
     * @param ipv6First the family to begin with: true for IPv6, false for IPv4, null for the family of the first
     *     address
     */
    AddressCandidates(int port, Predicate<InetAddress> reachable, @Nullable Boolean ipv6First) {
        this.port = port;
        this.reachable = reachable;
        this.ipv6IsNext = ipv6First;
    }

    /** A list with one candidate, which needs no port. */
    static AddressCandidates only(SocketAddress address) {
        AddressCandidates only = new AddressCandidates(0, any -> true, null);
        only.ipv4.add(address);
        return only;
    }

    /** Adds the addresses of one more answer. An address that is known already is not tried twice. */
    void add(Collection<InetAddress> found) {
        for (InetAddress address : found) {
            boolean isIpv6 = address instanceof Inet6Address;
            if (!known.contains(address) && takes(isIpv6) && known.add(address) && reachable.test(address)) {
                if (ipv6IsNext == null) {
                    ipv6IsNext = isIpv6;
                }
                (isIpv6 ? ipv6 : ipv4).add(new InetSocketAddress(address, port));
            }
        }
    }

    private boolean takes(boolean isIpv6) {
        return (isIpv6 ? takenIpv6++ : takenIpv4++) < MAX_OF_FAMILY;
    }

    /**
     * True if addresses were added and no candidate is left. Before any attempt, this means that no address is
     * reachable.
     */
    boolean isOutOfReach() {
        return isEmpty() && !known.isEmpty();
    }

    /** The addresses that were taken so far, also those that are not reachable. */
    Set<InetAddress> known() {
        return known;
    }

    boolean isEmpty() {
        return ipv6.isEmpty() && ipv4.isEmpty();
    }

    /** Removes the next candidate, or returns null if there is none for now. */
    @Nullable
    SocketAddress next() {
        if (isEmpty()) {
            return null;
        }
        boolean fromIpv6 = Boolean.TRUE.equals(ipv6IsNext);
        ipv6IsNext = !fromIpv6;
        Deque<SocketAddress> preferred = fromIpv6 ? ipv6 : ipv4;
        SocketAddress first = preferred.poll();
        return first != null ? first : (fromIpv6 ? ipv4 : ipv6).poll();
    }
}
