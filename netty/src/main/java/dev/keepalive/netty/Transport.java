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
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One of Netty's transports: which channels belong to which event loops, and which options they have. The JDK's
 * transport is always available. A native one is available if its classes and its library are on the class path.
 * Immutable.
 */
interface Transport {
    /** All transports, the fastest first. The JDK's is last, since it is always available. */
    List<Supplier<Transport>> KNOWN = List.of(EpollTransport::new, IoUringTransport::new, NioTransport::new);

    /** Netty's names of the processors that it has native libraries for. */
    List<String> PROCESSORS = List.of("x86_64", "aarch_64", "riscv64", "loongarch_64");

    /** The fastest transport that is available. */
    static Transport best() {
        return available().get(0);
    }

    /**
     * The transport whose channels belong to these event loops.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Transport of(EventLoopGroup loops) {
        if (loops instanceof IoEventLoopGroup group) {
            List<Transport> all = loadable();
            all.add(new LocalTransport());
            for (Transport transport : all) {
                if (transport.supports(group)) {
                    return transport;
                }
            }
        }
        throw new IllegalArgumentException("eventLoopGroup " + loops.getClass().getName()
                + " is not allowed: a MultiThreadIoEventLoopGroup of one of these transports: "
                + available().stream().map(Transport::name).collect(Collectors.joining(", ")) + ", local");
    }

    /** All transports that are available, the fastest first. */
    static List<Transport> available() {
        return loadable().stream().filter(Transport::isAvailable).toList();
    }

    /** All transports whose classes are on the class path. */
    private static List<Transport> loadable() {
        List<Transport> transports = new ArrayList<>();
        for (Supplier<Transport> maker : KNOWN) {
            try {
                transports.add(maker.get());
            } catch (LinkageError missing) {
                continue;
            }
        }
        return transports;
    }

    /**
     * Whether a native library of this name is on the class path, for any processor. To be asked before Netty tries to
     * load it, since newer JVMs warn of that even if there is no library.
     */
    static boolean hasLibrary(String name) {
        return PROCESSORS.stream()
                .map(processor -> "META-INF/native/lib" + name + "_" + processor + ".so")
                .anyMatch(library -> Transport.class.getClassLoader().getResource(library) != null);
    }

    /** The name that users know. */
    String name();

    /** Whether it can be used on this host. */
    boolean isAvailable();

    /** Whether these loops are of this transport. */
    boolean supports(IoEventLoopGroup loops);

    /** The factory for event loops of this transport. */
    IoHandlerFactory ioHandlerFactory();

    /** Whether a read that brings less than it has room for leaves the socket empty at that moment. */
    boolean isEmptyAfterShortRead();

    /** A new socket for TCP, not connected yet. */
    SocketChannel tcp();

    /** Where a host and port are found without a lookup; null if the name must be looked up. */
    default @Nullable SocketAddress direct(String host, int port) {
        return null;
    }

    /** A new socket for another address, such as a Unix-domain socket, not connected yet. */
    DuplexChannel unix();

    /** The address of a Unix-domain socket. */
    SocketAddress unix(Path path);

    /** The class of its sockets for UDP. */
    Class<? extends DatagramChannel> udp();

    /** The class of its sockets for TCP. */
    Class<? extends SocketChannel> tcpClass();

    /**
     * The option that lets the system choose the local port at connect, for this destination, and not at bind; null if
     * the transport has no such option.
     */
    @Nullable
    ChannelOption<Boolean> bindAddressNoPort();

    /**
     * The option for how long sent data may stay unacknowledged, in milliseconds; null if the transport has no such
     * option.
     */
    @Nullable
    ChannelOption<Integer> userTimeout();

    /** The option for the seconds of silence before a connection is probed. */
    ChannelOption<Integer> keepIdle();

    /** The option for the seconds between two probes. */
    ChannelOption<Integer> keepInterval();

    /** The option for the number of unanswered probes before a connection is broken. */
    ChannelOption<Integer> keepCount();
}
