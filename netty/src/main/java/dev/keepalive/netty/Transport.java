package dev.keepalive.netty;

import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One of Netty's ways to the system: which channels go with which event loops, and what they can be told. The JDK's is always there; the native
 * ones are if a program has them on its class path, with their libraries. Immutable.
 */
interface Transport {
    /** The native ones first, the quicker one first. The JDK's is the ground. */
    List<Supplier<Optional<Transport>>> KNOWN = List.of(
            () -> ifThere(EpollTransport::new), () -> ifThere(IoUringTransport::new), () -> ifThere(NioTransport::new));

    /** The best transport that is there. */
    static Transport best() {
        return there().get(0);
    }

    /**
     * The transport whose channels go with these event loops.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Transport of(EventLoopGroup loops) {
        for (Transport transport : there()) {
            if (loops instanceof IoEventLoopGroup group && transport.fits(group)) {
                return transport;
            }
        }
        throw new IllegalArgumentException("eventLoopGroup " + loops.getClass().getName()
                + " is not allowed: a MultiThreadIoEventLoopGroup of one of these transports: "
                + there().stream().map(Transport::name).collect(Collectors.joining(", ")));
    }

    /** All that are there, the best first. */
    static List<Transport> there() {
        return KNOWN.stream().flatMap(known -> known.get().stream()).toList();
    }

    /** A transport whose classes, or whose library, are missing is not there; and that is no error. */
    private static Optional<Transport> ifThere(Supplier<Transport> maker) {
        try {
            Transport transport = maker.get();
            return transport.isAvailable() ? Optional.of(transport) : Optional.empty();
        } catch (LinkageError missing) {
            return Optional.empty();
        }
    }

    /** Its name, as users know it. */
    String name();

    /** Whether the system has it. */
    boolean isAvailable();

    /** Whether these loops are its own. */
    boolean fits(IoEventLoopGroup loops);

    /** What makes its event loops. */
    IoHandlerFactory loops();

    /** A socket for TCP that is not connected yet. */
    SocketChannel tcp();

    /** A Unix-domain socket that is not connected yet. */
    DuplexChannel unix();

    /** The address of a Unix-domain socket. */
    SocketAddress unix(Path path);

    /** The class of its sockets for UDP. */
    Class<? extends DatagramChannel> udp();

    /** The class of its sockets for TCP. */
    Class<? extends SocketChannel> tcpClass();

    /** Lets the system choose the local port at connect, by the whole of the connection, and not at bind; null if that cannot be said. */
    @Nullable
    ChannelOption<Boolean> bindAddressNoPort();

    /** How long sent data may stay unacknowledged, in milliseconds; null if that cannot be said. */
    @Nullable
    ChannelOption<Integer> userTimeout();

    /** After how many seconds of silence a connection is probed. */
    ChannelOption<Integer> keepIdle();

    /** How many seconds there are between two probes. */
    ChannelOption<Integer> keepInterval();

    /** After how many probes without an answer a connection is broken. */
    ChannelOption<Integer> keepCount();
}
