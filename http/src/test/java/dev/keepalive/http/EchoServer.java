package dev.keepalive.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The JDK's server with a few paths: {@code /echo} gives the body back, {@code /status/N} answers with that status,
 * {@code /redirect/N?to} with that status and a Location; all others with method and URI.
 */
final class EchoServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "echo-server");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<InetSocketAddress> clients = ConcurrentHashMap.newKeySet();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile Headers lastHeaders = new Headers();

    private EchoServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    static EchoServer start() {
        return new EchoServer();
    }

    private void answer(HttpExchange exchange) throws IOException {
        clients.add(exchange.getRemoteAddress());
        lastHeaders = exchange.getRequestHeaders();
        URI uri = exchange.getRequestURI();
        requests.add(exchange.getRequestMethod() + " " + uri);
        byte[] sent = exchange.getRequestBody().readAllBytes();
        String path = uri.getPath();
        if (path.equals("/echo")) {
            exchange.sendResponseHeaders(200, sent.length == 0 ? -1 : sent.length);
            exchange.getResponseBody().write(sent);
        } else if (path.startsWith("/status/")) {
            exchange.sendResponseHeaders(Integer.parseInt(path.substring(8)), -1);
        } else if (path.startsWith("/redirect/")) {
            if (uri.getRawQuery() != null) {
                exchange.getResponseHeaders().set("Location", uri.getRawQuery());
            }
            boolean head = exchange.getRequestMethod().equals("HEAD");
            answer(exchange, Integer.parseInt(path.substring(10)), "moved");
        } else {
            answer(exchange, 200, exchange.getRequestMethod() + " " + uri);
        }
        exchange.close();
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    /** @param path begins with a slash */
    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** How many connections have brought requests. */
    int connections() {
        return clients.size();
    }

    /** Method and URI of each request. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    Headers lastHeaders() {
        return lastHeaders;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
