package dev.keepalive.http;

import dev.keepalive.testservers.HttpTestServers;
import dev.keepalive.testservers.TestServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A real server that ends connections soon: after three requests, or after a second without one. Its log tells which
 * requests it has processed.
 */
final class RealServer implements AutoCloseable {
    private final Kind kind;
    private final TestServer front;
    private final @Nullable TestServer behind;

    /** A program, and how it is asked. */
    enum Kind {
        NGINX("nginx", false, Version.HTTP_1_1),
        NGINX_TLS("nginx", true, Version.HTTP_1_1),
        NGINX_HTTP2("nginx", true, Version.HTTP_2),
        APACHE("apache", false, Version.HTTP_1_1),
        APACHE_TLS("apache", true, Version.HTTP_1_1),
        APACHE_HTTP2("apache", true, Version.HTTP_2),
        HAPROXY("haproxy", false, Version.HTTP_1_1),
        HAPROXY_TLS("haproxy", true, Version.HTTP_1_1),
        HAPROXY_HTTP2("haproxy", true, Version.HTTP_2);

        private final String program;
        private final boolean tls;
        private final Version version;

        Kind(String program, boolean tls, Version version) {
            this.program = program;
            this.tls = tls;
            this.version = version;
        }
    }

    private RealServer(Kind kind, TestServer front, @Nullable TestServer behind) {
        this.kind = kind;
        this.front = front;
        this.behind = behind;
    }

    /** @throws org.opentest4j.TestAbortedException if the program is missing: the test is skipped */
    static RealServer start(Kind kind) {
        return switch (kind.program) {
            case "nginx" -> new RealServer(kind, nginx(kind, 3), null);
            case "apache" -> new RealServer(kind, apache(kind), null);
            default -> haproxy(kind);
        };
    }

    private static TestServer nginx(Kind kind, int requests) {
        String http2 = kind.version == Version.HTTP_2 ? " http2" : "";
        List<String> directives = new ArrayList<>(List.of(
                "listen 127.0.0.1:PORT" + (kind.tls ? " ssl" + http2 : "") + ";",
                "keepalive_requests " + requests + ";",
                "keepalive_timeout 1s;",
                "access_log FOLDER/requests.log request;",
                "location / { return 200 hello; }"));
        return kind.tls
                ? TestServer.nginxTls(TestTls.certificatePem(), TestTls.keyPem(), directives.toArray(String[]::new))
                : TestServer.nginx(directives.toArray(String[]::new));
    }

    private static TestServer apache(Kind kind) {
        Map<String, String> files = Map.of("hello", "hello");
        String[] directives = {"KeepAliveTimeout 1", "MaxKeepAliveRequests 3"};
        return kind.tls
                ? HttpTestServers.apacheTls(TestTls.certificatePem(), TestTls.keyPem(), files, directives)
                : HttpTestServers.apache(files, directives);
    }

    private static RealServer haproxy(Kind kind) {
        TestServer nginx = nginx(Kind.NGINX, 3);
        String line = "timeout http-keep-alive 1s";
        try {
            TestServer haproxy = kind.tls
                    ? HttpTestServers.haproxyTls(TestTls.certificatePem(), TestTls.keyPem(), nginx.port(), line)
                    : HttpTestServers.haproxy(nginx.port(), line);
            return new RealServer(kind, haproxy, nginx);
        } catch (RuntimeException notStarted) {
            nginx.close();
            throw notStarted;
        }
    }

    /** Sets what the client needs for it. */
    HttpClient.Builder prepare(HttpClient.Builder builder) {
        return builder.version(kind.version).sslContext(TestTls.trusting());
    }

    URI get() {
        return uri("/hello");
    }

    URI post() {
        return uri("/echo/x");
    }

    private URI uri(String path) {
        return URI.create((kind.tls ? "https" : "http") + "://127.0.0.1:" + front.port() + path);
    }

    void reload() {
        front.reload();
    }

    void restart() {
        front.restart();
    }

    /** How often the server has processed the POST with each number, by its log. */
    Map<Integer, Integer> processedPosts() {
        TestServer logging = behind == null ? front : behind;
        Map<Integer, Integer> processed = new HashMap<>();
        // protocol, method, number, status; nginx has the connection before
        logging.end()
                .read("requests.log")
                .lines()
                .filter(line -> line.contains(" POST "))
                .forEach(line -> {
                    String number = line.substring(line.indexOf(" POST ") + 6).split(" ")[0];
                    processed.merge(Integer.parseInt(number), 1, Integer::sum);
                });
        return processed;
    }

    @Override
    public String toString() {
        return front + (behind == null ? "" : "\n" + behind);
    }

    @Override
    public void close() {
        front.close();
        if (behind != null) {
            behind.close();
        }
    }
}
