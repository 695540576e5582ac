package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A server that counts its open connections exactly: before it counts a new connection, it subtracts those that ended
 * earlier; it counts a connection before it answers on it; and a count that is asked for is given with all that has
 * come until then. It answers {@code echo …} with the same line, {@code half} with a partial line, and {@code reset}
 * with a reset. It records each line before it answers.
 */
final class CountingServer implements AutoCloseable {
    /** What the server's thread does when it is asked. */
    private interface Action {
        void run() throws IOException;
    }

    private final Selector selector;
    private final ServerSocketChannel listener;
    private final Thread thread = new Thread(this::run, "counting-server");
    final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final Queue<Action> actions = new ConcurrentLinkedQueue<>();
    private volatile int open;
    private volatile int mostOpen;
    private volatile int total;

    CountingServer() throws IOException {
        this(0);
    }

    CountingServer(int port) throws IOException {
        selector = Selector.open();
        listener = ServerSocketChannel.open().bind(new InetSocketAddress("0.0.0.0", port), 1_000);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        thread.setDaemon(true);
        thread.start();
    }

    int open() {
        countAll();
        return open;
    }

    int mostOpen() {
        countAll();
        return mostOpen;
    }

    int total() {
        countAll();
        return total;
    }

    /** Counts what has come until now, and may still wait to be accepted. */
    private void countAll() {
        CountDownLatch counted = new CountDownLatch(1);
        actions.add(() -> {
            selector.selectNow();
            read();
            while (accept()) {
                // accepts the next one
            }
            counted.countDown();
        });
        selector.wakeup();
        try {
            while (thread.isAlive() && !counted.await(10, TimeUnit.MILLISECONDS)) {
                // waits on
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    Endpoint endpoint() {
        return endpoint(0);
    }

    /** One of many endpoints that all lead to this server. */
    Endpoint endpoint(int number) {
        return Endpoint.of("line" + number, "127.0.0.1", listener.socket().getLocalPort());
    }

    /** Closes all open connections, with a FIN or with a reset. */
    void endAll(boolean reset) {
        actions.add(() -> {
            for (SelectionKey key : List.copyOf(selector.keys())) {
                if (key.channel() instanceof SocketChannel channel) {
                    if (reset) {
                        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                    }
                    end(key, channel);
                }
            }
        });
        selector.wakeup();
    }

    private void run() {
        try {
            while (listener.isOpen()) {
                selector.select();
                for (Action action = actions.poll(); action != null; action = actions.poll()) {
                    action.run();
                }
                boolean acceptable = read();
                while (acceptable && accept()) {
                    // accepts the next one
                }
            }
        } catch (IOException | RuntimeException e) {
            if (listener.isOpen()) {
                e.printStackTrace();
            }
        }
    }

    private boolean accept() throws IOException {
        SocketChannel accepted = listener.accept();
        if (accepted == null) {
            return false;
        }
        accepted.configureBlocking(false);
        selector.selectNow();
        read();
        total++;
        open++;
        mostOpen = Math.max(mostOpen, open);
        accepted.register(selector, SelectionKey.OP_READ, new StringBuilder());
        return true;
    }

    private boolean read() throws IOException {
        boolean acceptable = false;
        List<SelectionKey> ready = new ArrayList<>(selector.selectedKeys());
        selector.selectedKeys().clear();
        for (SelectionKey key : ready) {
            if (key.isAcceptable()) {
                acceptable = true;
            } else {
                read(key, (SocketChannel) key.channel(), (StringBuilder) key.attachment());
            }
        }
        return acceptable;
    }

    private void read(SelectionKey key, SocketChannel channel, StringBuilder partial) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(64 * 1024);
        try {
            if (channel.read(bytes) < 0) {
                end(key, channel);
                return;
            }
            partial.append(StandardCharsets.UTF_8.decode(bytes.flip()));
            for (int end = partial.indexOf("\n"); end >= 0; end = partial.indexOf("\n")) {
                String line = partial.substring(0, end).stripTrailing();
                partial.delete(0, end + 1);
                lines.add(line);
                answer(key, channel, line);
            }
        } catch (IOException e) {
            end(key, channel);
        }
    }

    private void answer(SelectionKey key, SocketChannel channel, String line) throws IOException {
        if (line.startsWith("echo ")) {
            channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
        } else if (line.equals("half")) {
            channel.write(ByteBuffer.wrap("half a li".getBytes(StandardCharsets.UTF_8)));
        } else if (line.equals("reset")) {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            end(key, channel);
        }
    }

    private void end(SelectionKey key, SocketChannel channel) throws IOException {
        if (key.isValid()) {
            key.cancel();
            // First, since the peer may look as soon as it sees the end.
            open--;
            channel.close();
        }
    }

    @Override
    public void close() throws Exception {
        listener.close();
        selector.wakeup();
        thread.join();
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
