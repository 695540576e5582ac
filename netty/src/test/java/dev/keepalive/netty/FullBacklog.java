package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A port where a connection attempt gets no answer: the server does not accept, and its backlog is full. */
final class FullBacklog implements AutoCloseable {
    private final ServerSocket listener;
    private final List<SocketChannel> fillers = new ArrayList<>();
    private final List<Socket> accepted = new CopyOnWriteArrayList<>();
    private @Nullable Thread accepting;

    FullBacklog() throws IOException {
        this("127.0.0.1", 0);
    }

    FullBacklog(String address, int port) throws IOException {
        listener = new ServerSocket(port, 1, InetAddress.getByName(address));
        for (int i = 0; i < 4; i++) {
            SocketChannel filler = SocketChannel.open();
            filler.configureBlocking(false);
            filler.connect(listener.getLocalSocketAddress());
            fillers.add(filler);
        }
    }

    Endpoint endpoint() {
        return Endpoint.of("line", "127.0.0.1", listener.getLocalPort());
    }

    /** Starts to accept connections. An earlier attempt succeeds when its host sends its SYN again. */
    void startAccepting() {
        accepting = new Thread(() -> {
            try {
                while (!listener.isClosed()) {
                    accepted.add(listener.accept());
                }
            } catch (IOException closed) {
                // the backlog was closed
            }
        });
        accepting.setDaemon(true);
        accepting.start();
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel filler : fillers) {
            filler.close();
        }
        listener.close();
        joinAccepting();
        for (Socket socket : accepted) {
            socket.close();
        }
    }

    private void joinAccepting() {
        if (accepting != null) {
            try {
                accepting.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
