package dev.keepalive.testservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * A real server or proxy for a test. It runs in the foreground on a free port of 127.0.0.1 with a folder of its own,
 * and ends when it is closed. The factory methods return when it listens. If the program is missing, the test is
 * skipped with the name of the package.
 *
 * <p>In configurations, {@code PORT}, {@code OTHER_PORT} and {@code FOLDER} stand for the values of this server.
 */
public final class TestServer implements AutoCloseable {
    private static final String CONFIGURATION = TestServerSetup.CONFIGURATION;

    private final String name;
    private final Path folder;
    private final int port;
    private final int otherPort;
    private final ServerProcess process;
    private final String reloadSignal;
    private volatile String lastLog = "";

    TestServer(TestServerSetup setup, ServerProcess process) {
        this.name = setup.name;
        this.folder = setup.folder;
        this.port = setup.port;
        this.otherPort = setup.otherPort;
        this.process = process;
        this.reloadSignal = setup.reloadSignal;
    }

    // ---- servers

    /**
     * Nginx with one server, configured by these directives: {@code listen 127.0.0.1:PORT;} and others. Its
     * {@code access.log} has a line with the number of the connection for each request. With {@code access_log
     * FOLDER/requests.log request;} a line has connection, protocol, method, the field X-Id, status.
     */
    public static TestServer nginx(String... directives) {
        return nginx(new TestServerSetup("nginx", "nginx-light"), List.of(directives));
    }

    /** The same with TLS, where the directives say {@code listen … ssl;}. */
    public static TestServer nginxTls(String certificatePem, String keyPem, String... directives) {
        TestServerSetup setup = new TestServerSetup("nginx", "nginx-light");
        setup.certificate(certificatePem, keyPem);
        List<String> all = new ArrayList<>();
        all.add("ssl_certificate FOLDER/certificate.pem;");
        all.add("ssl_certificate_key FOLDER/key.pem;");
        all.addAll(List.of(directives));
        return nginx(setup, all);
    }

    private static TestServer nginx(TestServerSetup setup, List<String> directives) {
        String user = TestServerSetup.isRoot() ? "user root;" : "";
        setup.reloadSignal = "HUP";
        setup.configuration(
                """
                daemon off;
                %s
                worker_processes 1;
                pid FOLDER/nginx.pid;
                error_log FOLDER/error.log;
                events { worker_connections 1024; }
                http {
                  log_format connection '$connection';
                  log_format from '$remote_addr';
                  log_format request '$connection $server_protocol $request_method $http_x_id $status';
                  access_log FOLDER/access.log connection;
                  client_body_temp_path FOLDER/body;
                  proxy_temp_path FOLDER/proxy;
                  fastcgi_temp_path FOLDER/fastcgi;
                  uwsgi_temp_path FOLDER/uwsgi;
                  scgi_temp_path FOLDER/scgi;
                  server {
                    %s
                  }
                }
                """
                        .formatted(user, String.join("\n    ", directives)));
        return setup.start("-p", "FOLDER", "-e", "FOLDER/error.log", "-c", "FOLDER/" + CONFIGURATION);
    }

    /**
     * OpenSSL's server, one connection at a time. With {@code -rev} it answers each line reversed, with {@code -www} it
     * sends an HTTP page.
     *
     * @param options options of {@code openssl s_server}
     */
    public static TestServer opensslServer(String certificatePem, String keyPem, String... options) {
        TestServerSetup setup = new TestServerSetup("openssl", "openssl");
        setup.certificate(certificatePem, keyPem);
        List<String> command = new ArrayList<>(List.of("s_server", "-accept", "127.0.0.1:PORT"));
        command.addAll(List.of("-cert", "FOLDER/certificate.pem", "-key", "FOLDER/key.pem"));
        command.addAll(List.of(options));
        return setup.start(command.toArray(String[]::new));
    }

    // ---- in front of a server

    /** HAProxy in HTTP mode before a server on this port of 127.0.0.1. */
    public static TestServer haproxy(int serverPort) {
        TestServerSetup setup = new TestServerSetup("haproxy", "haproxy");
        setup.configuration(
                """
                defaults
                  mode http
                  timeout connect 5s
                  timeout client 60s
                  timeout server 60s
                frontend all
                  bind 127.0.0.1:PORT
                  default_backend server
                backend server
                  server one 127.0.0.1:%d
                """
                        .formatted(serverPort));
        return setup.start("-db", "-f", "FOLDER/" + CONFIGURATION);
    }

    /**
     * Stunnel: accepts TLS, and passes the decrypted stream to a server on this port of 127.0.0.1.
     *
     * @param options options of the service: {@code verifyChain = yes}, {@code CAfile = …}
     */
    public static TestServer stunnel(int serverPort, String certificatePem, String keyPem, String... options) {
        TestServerSetup setup = new TestServerSetup("stunnel4", "stunnel4");
        setup.certificate(certificatePem, keyPem);
        setup.configuration(
                """
                foreground = yes
                pid =
                syslog = no
                [all]
                accept = 127.0.0.1:PORT
                connect = 127.0.0.1:%d
                cert = FOLDER/certificate.pem
                key = FOLDER/key.pem
                %s
                """
                        .formatted(serverPort, String.join("\n", options)));
        return setup.start("FOLDER/" + CONFIGURATION);
    }

    // ---- proxies

    /** Tinyproxy, an HTTP proxy, open to all clients. */
    public static TestServer tinyproxy() {
        return tinyproxy("");
    }

    /** Tinyproxy for clients with this user and password. */
    public static TestServer tinyproxy(String user, String password) {
        return tinyproxy("BasicAuth " + user + " " + password);
    }

    private static TestServer tinyproxy(String access) {
        TestServerSetup setup = new TestServerSetup("tinyproxy", "tinyproxy-bin");
        setup.configuration(
                """
                Port PORT
                Listen 127.0.0.1
                Allow 127.0.0.1
                Timeout 600
                MaxClients 200
                LogLevel Info
                """
                        + access + "\n");
        return setup.start("-d", "-c", "FOLDER/" + CONFIGURATION);
    }

    /** Squid, an HTTP proxy, open to all clients. */
    public static TestServer squid() {
        return squid(new TestServerSetup("squid", "squid"), "http_access allow all");
    }

    /** Squid with the rules of Debian's configuration: CONNECT to port 443 only. */
    public static TestServer squidForHttps() {
        String access = "acl SSL_ports port 443\nhttp_access deny CONNECT !SSL_ports\nhttp_access allow localhost";
        return squid(new TestServerSetup("squid", "squid"), access);
    }

    /** Squid for clients with this user and password. */
    public static TestServer squid(String user, String password) {
        Path checker = InstalledPrograms.file("/usr/lib/squid/basic_ncsa_auth", "squid");
        TestServerSetup setup = new TestServerSetup("squid", "squid");
        setup.write("users", user + ":" + md5(password) + "\n");
        return squid(
                setup,
                """
                auth_param basic program %s FOLDER/users
                auth_param basic children 1
                acl known proxy_auth REQUIRED
                http_access allow known
                http_access deny all
                """
                        .formatted(checker));
    }

    private static TestServer squid(TestServerSetup setup, String access) {
        // Squid does not run as root. The name given with -n keeps its shared memory apart from other instances.
        String user = TestServerSetup.isRoot() ? "cache_effective_user proxy\n" : "";
        if (TestServerSetup.isRoot()) {
            setup.openToAllUsers();
        }
        setup.configuration(user
                + """
                http_port 127.0.0.1:PORT
                pid_filename FOLDER/squid.pid
                cache_log FOLDER/cache.log
                access_log stdio:FOLDER/access.log
                coredump_dir FOLDER
                netdb_filename none
                cache deny all
                pinger_enable off
                visible_hostname localhost
                shutdown_lifetime 0 seconds
                """
                + access + "\n");
        return setup.start("-n", "keepalivePORT", "-N", "-f", "FOLDER/" + CONFIGURATION);
    }

    /** Microsocks, a SOCKS5 proxy, open to all clients. */
    public static TestServer microsocks() {
        return new TestServerSetup("microsocks", "microsocks").start("-i", "127.0.0.1", "-p", "PORT");
    }

    /** Microsocks for clients with this user and password. */
    public static TestServer microsocks(String user, String password) {
        return new TestServerSetup("microsocks", "microsocks")
                .start("-i", "127.0.0.1", "-p", "PORT", "-u", user, "-P", password);
    }

    // ---- name servers

    /** Dnsmasq, a name server that knows only what these options say: {@code --host-record=a.test,127.0.0.1}. */
    public static TestServer dnsmasq(String... options) {
        List<String> command = new ArrayList<>(List.of("--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv"));
        command.addAll(List.of("--no-hosts", "--port=PORT", "--listen-address=127.0.0.1", "--bind-interfaces"));
        command.addAll(List.of("--user=", "--pid-file=", "--log-facility=-", "--log-queries"));
        command.addAll(List.of(options));
        return new TestServerSetup("dnsmasq", "dnsmasq-base").start(command.toArray(String[]::new));
    }

    /**
     * Unbound, a name server that knows, of {@code test}, only what these lines of its {@code server} section say:
     * {@code local-data: "a.test. 5 IN A 127.0.0.1"}.
     */
    public static TestServer unbound(String... lines) {
        TestServerSetup setup = new TestServerSetup("unbound", "unbound");
        setup.configuration(
                """
                server:
                  interface: 127.0.0.1
                  port: PORT
                  do-daemonize: no
                  use-syslog: no
                  username: ""
                  chroot: ""
                  directory: "FOLDER"
                  pidfile: ""
                  module-config: "iterator"
                  log-queries: yes
                  num-threads: 1
                  do-not-query-localhost: no
                  local-zone: "test." static
                  %s
                remote-control:
                  control-enable: no
                """
                        .formatted(String.join("\n  ", lines)));
        return setup.start("-d", "-c", "FOLDER/" + CONFIGURATION);
    }

    // ---- a running server

    /** The port that it listens on. */
    public int port() {
        return port;
    }

    /** Another free port, for configurations that use it. */
    public int otherPort() {
        return otherPort;
    }

    /** Its folder, which is deleted when it is closed. */
    public Path folder() {
        return folder;
    }

    /** The present content of a file in its folder; empty if there is none. */
    public String read(String file) {
        try {
            Path path = folder.resolve(file);
            return Files.exists(path) ? Files.readString(path) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All its output and logs so far, for failure messages. */
    public String log() {
        return Files.exists(folder) ? readLogs() : lastLog;
    }

    private String readLogs() {
        try (Stream<Path> files = Files.list(folder)) {
            StringBuilder all = new StringBuilder(name + " on port " + port + ":\n");
            for (Path file : files.filter(file -> file.toString().endsWith(".log"))
                    .sorted()
                    .toList()) {
                all.append(read(file.getFileName().toString()));
            }
            return all.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the process and keeps the folder until it is closed; the logs are complete then. */
    public TestServer end() {
        process.end();
        return this;
    }

    /** Ends the process and starts it again, on the same port. Returns when it listens. */
    public void restart() {
        process.end();
        process.start();
        awaitListening();
    }

    /**
     * Asks it to load its configuration anew while it goes on listening: old connections end when their requests are
     * answered. Does not wait for that.
     *
     * @throws IllegalStateException if this program cannot do that
     */
    public void reload() {
        if (reloadSignal.isEmpty()) {
            throw new IllegalStateException(name + " has no signal to reload");
        }
        process.signal(reloadSignal);
    }

    @Override
    public void close() {
        if (Files.exists(folder)) {
            end();
            lastLog = readLogs();
            TestServerSetup.delete(folder);
        }
    }

    @Override
    public String toString() {
        return log();
    }

    /** Waits until its port accepts connections; closes it if that does not happen. */
    TestServer awaitListening() {
        String fault = process.awaitListening();
        if (fault != null) {
            close();
            throw new IllegalStateException(fault + lastLog);
        }
        return this;
    }

    /** The form in which squid's password checker reads passwords. */
    private static String md5(String password) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("MD5").digest(password.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
