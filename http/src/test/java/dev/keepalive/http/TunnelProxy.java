package dev.keepalive.http;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A proxy on a free port of 127.0.0.1 for CONNECT and SOCKS 5. It notes what it is asked for. A request of another
 * method it answers itself, with the request line.
 */
final class TunnelProxy implements AutoCloseable {
    private final ServerSocket listener;
    private final String refusal;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    /** @param refusal what it answers to CONNECT; empty to agree */
    TunnelProxy(String refusal) {
        this.refusal = refusal;
        try {
            listener = new ServerSocket(0, 100, InetAddress.getByName("127.0.0.1"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(() -> {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                start(() -> serve(socket));
            }
        });
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void start(Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException closed) {
                        // The other side, or the test, has closed it.
                    }
                },
                "tunnel-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    /** The lines, and for SOCKS host and port, that it was asked. */
    List<String> asked() {
        return asked;
    }

    Proxy of(Proxy.Type type) {
        return new Proxy(type, new InetSocketAddress("127.0.0.1", listener.getLocalPort()));
    }

    private void serve(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        int first = in.readUnsignedByte();
        if (first == 5) {
            socks(socket, in);
            return;
        }
        StringBuilder head = new StringBuilder().append((char) first);
        while (!head.toString().endsWith("\r\n\r\n")) {
            head.append((char) in.readUnsignedByte());
        }
        String line = head.substring(0, head.indexOf("\r\n"));
        asked.add(line);
        if (!line.startsWith("CONNECT ")) {
            say(socket, "HTTP/1.1 200 OK\r\nContent-Length: " + line.length() + "\r\n\r\n" + line);
            serve(socket);
        } else if (!refusal.isEmpty()) {
            say(socket, refusal);
        } else {
            String[] target = line.split(" ")[1].split(":");
            Socket far = new Socket(target[0], Integer.parseInt(target[1]));
            say(socket, "HTTP/1.1 200 OK\r\n\r\n");
            relay(socket, far);
        }
    }

    private void socks(Socket socket, DataInputStream in) throws IOException {
        in.skipNBytes(in.readUnsignedByte());
        socket.getOutputStream().write(new byte[] {5, 0});
        in.skipNBytes(3);
        int type = in.readUnsignedByte();
        byte[] address = in.readNBytes(type == 1 ? 4 : in.readUnsignedByte());
        String host = type == 1
                ? InetAddress.getByAddress(address).getHostAddress()
                : new String(address, StandardCharsets.US_ASCII);
        int port = in.readUnsignedShort();
        asked.add("socks " + host + ":" + port);
        Socket far = new Socket(host, port);
        socket.getOutputStream().write(new byte[] {5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
        relay(socket, far);
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void relay(Socket near, Socket far) {
        sockets.add(far);
        start(() -> copy(near, far));
        start(() -> copy(far, near));
    }

    private static void copy(Socket from, Socket to) throws IOException {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
