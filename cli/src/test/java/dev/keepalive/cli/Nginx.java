package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.pkitesting.X509Bundle;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real nginx, started for a test, whose access log has a line with the connection's number for each request. */
final class Nginx implements AutoCloseable {
    private final Path directory;
    private final Process process;
    private final int http;
    private final int https;

    private Nginx(Path directory, Process process, int http, int https) {
        this.directory = directory;
        this.process = process;
        this.http = http;
        this.https = https;
    }

    /** Where nginx is, if it is installed: on the path, or where Debian keeps it. */
    static Optional<Path> program() {
        String path = System.getenv("PATH") + File.pathSeparator + "/usr/sbin";
        return Stream.of(path.split(File.pathSeparator))
                .map(directory -> Path.of(directory, "nginx"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts nginx on two free ports.
     *
     * @param requestsPerConnection after how many it closes a connection
     */
    static Nginx start(Path directory, int requestsPerConnection) throws Exception {
        int http = freePort();
        int https = freePort();
        X509Bundle certificate = Certificates.issuedTo("127.0.0.1");
        Files.writeString(directory.resolve("certificate.pem"), certificate.getCertificatePathPEM());
        Files.writeString(directory.resolve("key.pem"), certificate.getPrivateKeyPEM());
        Path configuration = Files.writeString(
                directory.resolve("nginx.conf"), configuration(directory, requestsPerConnection, http, https));
        Process process = new ProcessBuilder(
                        program().orElseThrow().toString(), "-p", directory.toString(), "-c", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output.log").toFile())
                .start();
        Nginx nginx = new Nginx(directory, process, http, https);
        await("nginx to listen").atMost(Duration.ofSeconds(20)).until(() -> nginx.listensOrEnded());
        assertThat(process.isAlive()).as(() -> nginx.read("output.log")).isTrue();
        return nginx;
    }

    String http() {
        return "http://127.0.0.1:" + http + "/";
    }

    String https() {
        return "https://127.0.0.1:" + https + "/";
    }

    /** The number of the connection of each request until now; ends nginx, so that its log is complete. */
    List<String> connectionsLogged() throws InterruptedException {
        close();
        return read("access.log").lines().toList();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    private boolean listensOrEnded() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), http)) {
            return true;
        } catch (IOException notYet) {
            return !process.isAlive();
        }
    }

    private String read(String file) {
        try {
            return Files.readString(directory.resolve(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String configuration(Path directory, int requestsPerConnection, int http, int https) {
        String user = "root".equals(System.getProperty("user.name")) ? "user root;" : "";
        return """
                daemon off;
                %s
                worker_processes 1;
                pid %s/nginx.pid;
                error_log %s/error.log;
                events { worker_connections 1024; }
                http {
                  log_format connection '$connection';
                  access_log %s/access.log connection;
                  client_body_temp_path %s/body;
                  proxy_temp_path %s/proxy;
                  fastcgi_temp_path %s/fastcgi;
                  uwsgi_temp_path %s/uwsgi;
                  scgi_temp_path %s/scgi;
                  keepalive_requests REQUESTS;
                  server {
                    listen 127.0.0.1:HTTP;
                    listen 127.0.0.1:TLS ssl;
                    ssl_certificate %s/certificate.pem;
                    ssl_certificate_key %s/key.pem;
                    location / { return 200 "hello\\n"; }
                  }
                }
                """
                .replaceFirst("%s", user)
                .replace("%s", directory.toString())
                .replace("REQUESTS", String.valueOf(requestsPerConnection))
                .replace("HTTP", String.valueOf(http))
                .replace("TLS", String.valueOf(https));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
