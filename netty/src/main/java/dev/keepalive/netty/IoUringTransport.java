package dev.keepalive.netty;

import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.SocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Linux's io_uring, if the program has Netty's classes and library for it. */
final class IoUringTransport implements Transport {
    /** A field, so that this class cannot be made without Netty's classes for io_uring. */
    private final Class<? extends IoHandle> handles = IoUringIoHandle.class;

    @Override
    public String name() {
        return "io_uring";
    }

    @Override
    public boolean isAvailable() {
        return Transport.hasLibrary("netty_transport_native_io_uring42") && IoUring.isAvailable();
    }

    @Override
    public boolean supports(IoEventLoopGroup loops) {
        return loops.isCompatible(handles);
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
        return IoUringIoHandler.newFactory();
    }

    @Override
    public boolean isEmptyAfterShortRead() {
        return false;
    }

    @Override
    public SocketChannel tcp() {
        return new IoUringSocketChannel();
    }

    @Override
    public DuplexChannel unix() {
        return new IoUringDomainSocketChannel();
    }

    @Override
    public SocketAddress unix(Path path) {
        return new DomainSocketAddress(path.toString());
    }

    @Override
    public Class<? extends DatagramChannel> udp() {
        return IoUringDatagramChannel.class;
    }

    @Override
    public Class<? extends SocketChannel> tcpClass() {
        return IoUringSocketChannel.class;
    }

    @Override
    public @Nullable ChannelOption<Boolean> bindAddressNoPort() {
        return null;
    }

    @Override
    public ChannelOption<Integer> userTimeout() {
        return IoUringChannelOption.TCP_USER_TIMEOUT;
    }

    @Override
    public ChannelOption<Integer> keepIdle() {
        return IoUringChannelOption.TCP_KEEPIDLE;
    }

    @Override
    public ChannelOption<Integer> keepInterval() {
        return IoUringChannelOption.TCP_KEEPINTVL;
    }

    @Override
    public ChannelOption<Integer> keepCount() {
        return IoUringChannelOption.TCP_KEEPCNT;
    }
}
