package dev.keepalive.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What all dials of a connector share. Safe from any thread.
 *
 * @param tlsSettings for the last hop, the endpoint itself
 * @param proxyTlsSettings for the proxies: no certificate and no authority of the endpoint is theirs
 * @param channelOptions what the program sets on each channel before it connects
 * @param initializer adds the program's handlers to each channel before it connects, or null; foreign code
 * @param addressFilter which addresses may be dialed, or null for all; foreign code
 * @param bindAddress the local address of sockets whose endpoint names none, or null if the system chooses
 */
record ConnectorContext(
        Transport transport,
        HostNameResolver hostNameResolver,
        AddressFamilyCache familyCache,
        AddressRefresher addressRefresher,
        TlsSettings tlsSettings,
        TlsSettings proxyTlsSettings,
        ProxyHandlers proxyHandlers,
        @Nullable InetAddress bindAddress,
        SocketOptions options,
        ChannelOptions channelOptions,
        @Nullable Consumer<? super Channel> initializer,
        @Nullable Predicate<? super InetAddress> addressFilter) {
    /**
     * The options of sockets.
     *
     * @param userTimeout how long sent data may stay unacknowledged, or null for the system's time
     * @param probes when a silent connection is probed, or null for the system's times
     */
    record SocketOptions(@Nullable Duration userTimeout, @Nullable Probes probes) {}

    /**
     * How the system probes a silent connection.
     *
     * @param idle the silence before the first probe
     * @param interval the time for the answer to each probe
     * @param count how many probes go unanswered before the connection is broken
     */
    record Probes(Duration idle, Duration interval, int count) {
        /** The range of the operating system for the times of TCP keep-alive. */
        private static final long MAX_KEEPALIVE_SECONDS = 32_767;

        private static final int MAX_PROBES = 127;

        /** @throws IllegalArgumentException if one is not in its range */
        Probes {
            requireSeconds("idle", idle);
            requireSeconds("interval", interval);
            if (count < 1 || count > MAX_PROBES) {
                throw new IllegalArgumentException("probes " + count + " is not allowed: 1 to " + MAX_PROBES);
            }
        }

        private static void requireSeconds(String what, Duration time) {
            if (time.toSeconds() < 1 || time.toSeconds() > MAX_KEEPALIVE_SECONDS) {
                throw new IllegalArgumentException(what + " " + time + " is not allowed: 1 s to "
                        + MAX_KEEPALIVE_SECONDS + " s, in whole seconds");
            }
        }
    }

    /**
     * Makes a socket for TCP.
     *
     * @param bound whether it will be bound to a local address
     */
    SocketChannel openTcp(boolean bound) {
        SocketChannel channel = transport.tcp();
        try {
            // Always: so that the end of a stream is an event, and not a close like any other (StreamEnd).
            channel.config().setAllowHalfClosure(true).setTcpNoDelay(true).setKeepAlive(true);
            // The manager stops a dial that takes too long.
            channel.config().setConnectTimeoutMillis(0);
            channelOptions.applyTo(channel);
            configure(channel.config(), bound);
            return channel;
        } catch (RuntimeException e) {
            channel.unsafe().closeForcibly();
            throw e;
        }
    }

    /** Makes a Unix-domain socket, or what else the transport has for addresses that are none of TCP. */
    DuplexChannel openUnix() {
        DuplexChannel channel = transport.unix();
        try {
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
            channel.config().setConnectTimeoutMillis(0);
            channelOptions.applyTo(channel);
            return channel;
        } catch (RuntimeException e) {
            channel.unsafe().closeForcibly();
            throw e;
        }
    }

    /**
     * Lets the program add its handlers to a channel that is not connected yet, nearest to the network. To be called on
     * the event loop, before any other handler is added.
     *
     * @throws IllegalStateException if the program's code throws, or adds a handler that runs elsewhere
     */
    void initialize(Channel channel, EventLoop loop) {
        if (initializer == null) {
            return;
        }
        try {
            initializer.accept(channel);
        } catch (Throwable thrown) {
            throw new IllegalStateException("the channelInitializer threw " + thrown, thrown);
        }
        channel.pipeline().toMap().values().forEach(handler -> {
            ChannelHandlerContext context = channel.pipeline().context(handler);
            if (context != null && context.executor() != loop) {
                throw new IllegalStateException("the channelInitializer added " + handler
                        + " with an executor of its own, which is not allowed: its input would come too late");
            }
        });
        // Whatever it has set: idle connections are watched by the one, and ends of streams known by the other.
        channel.config().setAutoRead(true);
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }

    private void configure(ChannelConfig config, boolean bound) {
        ChannelOption<Boolean> noPort = transport.bindAddressNoPort();
        if (bound && noPort != null) {
            config.setOption(noPort, true);
        }
        Duration timeout = options.userTimeout();
        ChannelOption<Integer> userTimeout = transport.userTimeout();
        if (timeout != null && userTimeout != null) {
            config.setOption(userTimeout, (int) timeout.toMillis());
        }
        Probes probes = options.probes();
        if (probes != null) {
            config.setOption(transport.keepIdle(), (int) probes.idle().toSeconds());
            config.setOption(transport.keepInterval(), (int) probes.interval().toSeconds());
            config.setOption(transport.keepCount(), probes.count());
        }
    }
}
