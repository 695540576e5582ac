package dev.keepalive.netty;

import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;

/** Linux's epoll, if the program has Netty's classes and library for it. */
final class EpollTransport implements Transport {
    /** A field, so that this class cannot be made without Netty's classes for epoll. */
    private final Class<? extends IoHandle> handles = EpollIoHandle.class;

    @Override
    public String name() {
        return "epoll";
    }

    @Override
    public boolean isAvailable() {
        return Transport.hasLibrary("netty_transport_native_epoll") && Epoll.isAvailable();
    }

    @Override
    public boolean supports(IoEventLoopGroup loops) {
        return loops.isCompatible(handles);
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
        return EpollIoHandler.newFactory();
    }

    @Override
    public boolean isEmptyAfterShortRead() {
        return true;
    }

    @Override
    public SocketChannel tcp() {
        return new EpollSocketChannel();
    }

    @Override
    public DuplexChannel unix() {
        return new EpollDomainSocketChannel();
    }

    @Override
    public SocketAddress unix(Path path) {
        return new DomainSocketAddress(path.toString());
    }

    @Override
    public Class<? extends DatagramChannel> udp() {
        return EpollDatagramChannel.class;
    }

    @Override
    public Class<? extends SocketChannel> tcpClass() {
        return EpollSocketChannel.class;
    }

    @Override
    public ChannelOption<Boolean> bindAddressNoPort() {
        return EpollChannelOption.IP_BIND_ADDRESS_NO_PORT;
    }

    @Override
    public ChannelOption<Integer> userTimeout() {
        return EpollChannelOption.TCP_USER_TIMEOUT;
    }

    @Override
    public ChannelOption<Integer> keepIdle() {
        return EpollChannelOption.TCP_KEEPIDLE;
    }

    @Override
    public ChannelOption<Integer> keepInterval() {
        return EpollChannelOption.TCP_KEEPINTVL;
    }

    @Override
    public ChannelOption<Integer> keepCount() {
        return EpollChannelOption.TCP_KEEPCNT;
    }
}
