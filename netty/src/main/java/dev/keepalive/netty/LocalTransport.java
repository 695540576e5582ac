package dev.keepalive.netty;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalIoHandle;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.socket.DuplexChannel;
import java.net.SocketAddress;
import java.nio.file.Path;

/**
 * Netty's transport within one JVM, for tests. An endpoint leads to the server that is bound to the
 * {@link LocalAddress} of its host and port, or of its path: no name is looked up. It is used only if the program
 * brings event loops for it.
 */
final class LocalTransport extends NioTransport {
    @Override
    public String name() {
        return "local";
    }

    @Override
    public boolean supports(IoEventLoopGroup loops) {
        return loops.isCompatible(LocalIoHandle.class);
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
        return LocalIoHandler.newFactory();
    }

    @Override
    public boolean isEmptyAfterShortRead() {
        return false;
    }

    @Override
    public SocketAddress direct(String host, int port) {
        return new LocalAddress(host + ":" + port);
    }

    @Override
    public DuplexChannel unix() {
        return new LocalDuplexChannel();
    }

    @Override
    public SocketAddress unix(Path path) {
        return new LocalAddress(path.toString());
    }
}
