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
 * One of Netty's ways to the system: which channels go with which event loops, and what they can be told. The JDK's is
 * always there; the native ones are if a program has them on its class path, with their libraries. Immutable.
 */
interface Transport {
    /** The native ones first, the quicker one first. The JDK's is the ground. */
    List<Supplier<Transport>> KNOWN = List.of(EpollTransport::new, IoUringTransport::new, NioTransport::new);

    /** As Netty calls those that it has libraries for. */
    List<String> PROCESSORS = List.of("x86_64", "aarch_64", "riscv64", "loongarch_64");

    /** The best transport that is there. */
    static Transport best() {
        return available().get(0);
    }

    /**
     * The transport whose channels go with these event loops.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Transport of(EventLoopGroup loops) {
        for (Transport transport : loadable()) {
            if (loops instanceof IoEventLoopGroup group && transport.supports(group)) {
                return transport;
            }
        }
        throw new IllegalArgumentException("eventLoopGroup " + loops.getClass().getName()
                + " is not allowed: a MultiThreadIoEventLoopGroup of one of these transports: "
                + available().stream().map(Transport::name).collect(Collectors.joining(", ")));
    }

    /** All that are there, the best first. */
    static List<Transport> available() {
        return loadable().stream().filter(Transport::isAvailable).toList();
    }

    /** A transport whose classes are missing is not there; and that is no error. */
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
     * Whether a library of this name is on the class path, for whatever processor. To be asked before Netty tries to
     * load it: newer JVMs warn of that even if there is nothing to be loaded.
     */
    static boolean hasLibrary(String name) {
        return PROCESSORS.stream()
                .map(processor -> "META-INF/native/lib" + name + "_" + processor + ".so")
                .anyMatch(library -> Transport.class.getClassLoader().getResource(library) != null);
    }

    /** Its name, as users know it. */
    String name();

    /** Whether the system has it. */
    boolean isAvailable();

    /** Whether these loops are its own. */
    boolean supports(IoEventLoopGroup loops);

    /** What makes its event loops. */
    IoHandlerFactory ioHandlerFactory();

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

    /**
     * Lets the system choose the local port at connect, by the whole of the connection, and not at bind; null if that
     * cannot be said.
     */
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
