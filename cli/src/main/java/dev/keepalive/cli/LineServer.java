package dev.keepalive.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server on the loopback address that answers each line {@code x} with {@code hello x}, sends nothing else, and
 * counts its connections. It uses JDK sockets and one thread per connection, so it shares no code with the connections
 * that the demo shows.
 */
final class LineServer implements AutoCloseable {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private final ServerSocket listening;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final Semaphore ended = new Semaphore(0);

    private LineServer(ServerSocket listening) {
        this.listening = listening;
    }

    /** Starts a server on a free port. */
    static LineServer start() throws IOException {
        LineServer server = new LineServer(new ServerSocket(0, 0, InetAddress.getByAddress(LOOPBACK)));
        daemon("line server", server::accept);
        return server;
    }

    int port() {
        return listening.getLocalPort();
    }

    /** How many connections have been accepted. */
    int accepted() {
        return accepted.get();
    }

    /**
     * Waits until one more client has closed its connection properly; false if that takes longer than {@code atMost}.
     */
    boolean awaitEnd(Duration atMost) throws InterruptedException {
        return ended.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        closeQuietly(listening);
        open.forEach(LineServer::closeQuietly);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                accepted.incrementAndGet();
                open.add(socket);
                daemon("line server, connection " + accepted, () -> serve(socket));
            }
        } catch (IOException closed) {
            // the server was closed
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                socket.getOutputStream().write(("hello " + line + "\n").getBytes(StandardCharsets.UTF_8));
            }
            ended.release();
        } catch (IOException brokenOrClosed) {
            // the client did not close properly
        } finally {
            open.remove(socket);
        }
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeQuietly(AutoCloseable what) {
        try {
            what.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
