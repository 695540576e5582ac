package dev.keepalive.netty;

import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.nio.NioIoHandle;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/** The JDK's transport, over the network. */
class NioTransport implements Transport {
    @Override
    public String name() {
        return "NIO";
    }

    @Override
    public boolean isAvailable() {
        return true;
    }

    @Override
    public boolean supports(IoEventLoopGroup loops) {
        return loops.isCompatible(NioIoHandle.class);
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
        return NioIoHandler.newFactory();
    }

    @Override
    public boolean isEmptyAfterShortRead() {
        return true;
    }

    @Override
    public SocketChannel tcp() {
        return new NioSocketChannel();
    }

    @Override
    public DuplexChannel unix() {
        return new NioDomainSocketChannel();
    }

    @Override
    public SocketAddress unix(Path path) {
        return UnixDomainSocketAddress.of(path);
    }

    @Override
    public Class<? extends DatagramChannel> udp() {
        return NioDatagramChannel.class;
    }

    @Override
    public Class<? extends SocketChannel> tcpClass() {
        return NioSocketChannel.class;
    }

    @Override
    public @Nullable ChannelOption<Boolean> bindAddressNoPort() {
        return null;
    }

    @Override
    public @Nullable ChannelOption<Integer> userTimeout() {
        return null;
    }

    @Override
    public ChannelOption<Integer> keepIdle() {
        return NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE);
    }

    @Override
    public ChannelOption<Integer> keepInterval() {
        return NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL);
    }

    @Override
    public ChannelOption<Integer> keepCount() {
        return NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT);
    }
}
