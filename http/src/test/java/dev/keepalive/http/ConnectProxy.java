package dev.keepalive.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An HTTP proxy that only tunnels. It records the heads of the requests, and may ask for user:secret. */
final class ConnectProxy implements AutoCloseable {
    private static final Pattern AUTHORIZATION = Pattern.compile("(?i)\r\nProxy-Authorization: ([^\r]*)");
    private static final String CREDENTIALS = "Basic dXNlcjpzZWNyZXQ=";

    private final ServerSocket listener = new ServerSocket(0, 100, InetAddress.getByName("127.0.0.1"));
    private final Queue<String> seen = new ConcurrentLinkedQueue<>();
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private volatile boolean password;
    private volatile String challenge = "Proxy-Authenticate: Basic realm=\"proxy\"\r\n";

    private final Thread acceptor;

    ConnectProxy() throws IOException {
        acceptor = start(this::accept);
    }

    private static Thread start(Runnable task) {
        Thread thread = new Thread(task, "connect-proxy");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Whether it asks for a password from now on. */
    void password(boolean asks) {
        password = asks;
    }

    /** How it asks for it: whole lines. */
    void challenge(String lines) {
        challenge = lines;
    }

    Proxy asProxy() {
        return new Proxy(Proxy.Type.HTTP, new InetSocketAddress("127.0.0.1", port()));
    }

    /** The first lines and the credentials of the requests since the last call. */
    List<String> takeSeen() {
        List<String> taken = new ArrayList<>(seen);
        seen.clear();
        return taken;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                sockets.add(socket);
                start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            while (true) {
                String head = head(socket.getInputStream());
                if (head.isEmpty()) {
                    return;
                }
                String line = head.substring(0, head.indexOf("\r\n"));
                Matcher field = AUTHORIZATION.matcher(head);
                String value = field.find() ? field.group(1) : "";
                boolean authorized = value.equals(CREDENTIALS);
                seen.add(line + (authorized ? " authorized" : value.isEmpty() ? "" : " with " + value));
                if (password && !authorized) {
                    write(socket.getOutputStream(), "HTTP/1.1 407 Who\r\n" + challenge + "Content-Length: 0\r\n\r\n");
                } else {
                    tunnel(socket, line.split(" ")[1]);
                    return;
                }
            }
        } catch (IOException ended) {
            // the client or the server has ended
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private void tunnel(Socket client, String authority) throws IOException {
        int colon = authority.lastIndexOf(':');
        int port = Integer.parseInt(authority.substring(colon + 1));
        if (port == 1) {
            write(client.getOutputStream(), "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
            return;
        }
        try (Socket server = new Socket(authority.substring(0, colon), port)) {
            sockets.add(server);
            write(client.getOutputStream(), "HTTP/1.1 200 Connected\r\n\r\n");
            start(() -> copy(server, client));
            copy(client, server);
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException ended) {
            // one of both has ended
        }
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    /** No connection is accepted any more. */
    @Override
    public void close() throws IOException {
        listener.close();
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
