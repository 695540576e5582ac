package dev.keepalive.peers;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A real server or proxy, that runs for a test: started in the foreground on a free port of 127.0.0.1 with a folder of
 * its own, and ended when it is closed. It answers when its method returns. Where the program is missing the test is
 * skipped, and says which package has it.
 *
 * <p>In what a method takes as a configuration, {@code PORT}, {@code OTHER_PORT} and {@code FOLDER} stand for this
 * peer's.
 */
public final class Peer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String CONFIGURATION = Setting.CONFIGURATION;

    private final String name;
    private final Path folder;
    private final int port;
    private final int otherPort;
    private final Process process;
    private volatile String lastLog = "";

    Peer(Setting setting, Process process) {
        this.name = setting.name;
        this.folder = setting.folder;
        this.port = setting.port;
        this.otherPort = setting.otherPort;
        this.process = process;
    }

    // ---- servers

    /**
     * An nginx with one server, as these directives say: {@code listen 127.0.0.1:PORT;} and what else there is. Its
     * {@code access.log} has a line with the number of the connection for each request.
     */
    public static Peer nginx(String... directives) {
        return nginx(new Setting("nginx", "nginx-light"), List.of(directives));
    }

    /** The same with TLS, where the directives say {@code listen … ssl;}. */
    public static Peer nginxTls(String certificatePem, String keyPem, String... directives) {
        Setting setting = new Setting("nginx", "nginx-light");
        setting.identity(certificatePem, keyPem);
        List<String> all = new ArrayList<>();
        all.add("ssl_certificate FOLDER/certificate.pem;");
        all.add("ssl_certificate_key FOLDER/key.pem;");
        all.addAll(List.of(directives));
        return nginx(setting, all);
    }

    private static Peer nginx(Setting setting, List<String> directives) {
        String user = root() ? "user root;" : "";
        setting.configuration(
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
        return setting.start("-p", "FOLDER", "-e", "FOLDER/error.log", "-c", "FOLDER/" + CONFIGURATION);
    }

    /**
     * OpenSSL's server, one connection at a time: with {@code -rev} it answers each line reversed, with {@code -www} a
     * page of HTTP.
     *
     * @param options of {@code openssl s_server}
     */
    public static Peer opensslServer(String certificatePem, String keyPem, String... options) {
        Setting setting = new Setting("openssl", "openssl");
        setting.identity(certificatePem, keyPem);
        List<String> command = new ArrayList<>(List.of("s_server", "-accept", "127.0.0.1:PORT"));
        command.addAll(List.of("-cert", "FOLDER/certificate.pem", "-key", "FOLDER/key.pem"));
        command.addAll(List.of(options));
        return setting.start(command.toArray(String[]::new));
    }

    // ---- what stands before a server

    /** HAProxy in HTTP mode before a server on this port of 127.0.0.1. */
    public static Peer haproxy(int serverPort) {
        Setting setting = new Setting("haproxy", "haproxy");
        setting.configuration(
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
        return setting.start("-db", "-f", "FOLDER/" + CONFIGURATION);
    }

    /**
     * Stunnel: takes TLS, and hands what is in it to a server on this port of 127.0.0.1.
     *
     * @param options of the service: {@code verifyChain = yes}, {@code CAfile = …}
     */
    public static Peer stunnel(int serverPort, String certificatePem, String keyPem, String... options) {
        Setting setting = new Setting("stunnel4", "stunnel4");
        setting.identity(certificatePem, keyPem);
        setting.configuration(
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
        return setting.start("FOLDER/" + CONFIGURATION);
    }

    // ---- proxies

    /** Tinyproxy, a proxy of HTTP, for everybody. */
    public static Peer tinyproxy() {
        return tinyproxy("");
    }

    /** Tinyproxy for who knows this user and password. */
    public static Peer tinyproxy(String user, String password) {
        return tinyproxy("BasicAuth " + user + " " + password);
    }

    private static Peer tinyproxy(String who) {
        Setting setting = new Setting("tinyproxy", "tinyproxy-bin");
        setting.configuration(
                """
                Port PORT
                Listen 127.0.0.1
                Allow 127.0.0.1
                Timeout 600
                MaxClients 200
                LogLevel Info
                """
                        + who + "\n");
        return setting.start("-d", "-c", "FOLDER/" + CONFIGURATION);
    }

    /** Squid, a proxy of HTTP, for everybody. */
    public static Peer squid() {
        return squid(new Setting("squid", "squid"), "http_access allow all");
    }

    /** Squid for who knows this user and password. */
    public static Peer squid(String user, String password) {
        Path checker = Installed.file("/usr/lib/squid/basic_ncsa_auth", "squid");
        Setting setting = new Setting("squid", "squid");
        setting.write("users", user + ":" + md5(password) + "\n");
        return squid(
                setting,
                """
                auth_param basic program %s FOLDER/users
                auth_param basic children 1
                acl known proxy_auth REQUIRED
                http_access allow known
                http_access deny all
                """
                        .formatted(checker));
    }

    private static Peer squid(Setting setting, String who) {
        // It refuses to be root, and keeps its logs and its shared memory under a name of its own.
        String user = root() ? "cache_effective_user proxy\n" : "";
        if (root()) {
            setting.letEverybodyIn();
        }
        setting.configuration(user
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
                + who + "\n");
        return setting.start("-n", "keepalivePORT", "-N", "-f", "FOLDER/" + CONFIGURATION);
    }

    /** Microsocks, a proxy of SOCKS5, for everybody. */
    public static Peer microsocks() {
        return new Setting("microsocks", "microsocks").start("-i", "127.0.0.1", "-p", "PORT");
    }

    /** Microsocks for who knows this user and password. */
    public static Peer microsocks(String user, String password) {
        return new Setting("microsocks", "microsocks")
                .start("-i", "127.0.0.1", "-p", "PORT", "-u", user, "-P", password);
    }

    // ---- name servers

    /**
     * Dnsmasq, a name server that knows what these options say, and asks nobody:
     * {@code --host-record=a.test,127.0.0.1}.
     */
    public static Peer dnsmasq(String... options) {
        List<String> command = new ArrayList<>(List.of("--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv"));
        command.addAll(List.of("--no-hosts", "--port=PORT", "--listen-address=127.0.0.1", "--bind-interfaces"));
        command.addAll(List.of("--user=", "--pid-file=", "--log-facility=-", "--log-queries"));
        command.addAll(List.of(options));
        return new Setting("dnsmasq", "dnsmasq-base").start(command.toArray(String[]::new));
    }

    /**
     * Unbound, a name server that knows what these lines of its {@code server} section say, and nothing else of
     * {@code test}: {@code local-data: "a.test. 5 IN A 127.0.0.1"}.
     */
    public static Peer unbound(String... lines) {
        Setting setting = new Setting("unbound", "unbound");
        setting.configuration(
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
        return setting.start("-d", "-c", "FOLDER/" + CONFIGURATION);
    }

    // ---- one that runs

    /** Where it listens. */
    public int port() {
        return port;
    }

    /** Another port that is free, if its configuration uses it. */
    public int otherPort() {
        return otherPort;
    }

    /** Its folder, which goes when it is closed. */
    public Path folder() {
        return folder;
    }

    /** What a file of its folder says now; nothing if there is none. */
    public String read(String file) {
        try {
            Path path = folder.resolve(file);
            return Files.exists(path) ? Files.readString(path) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All that it has printed and logged until now, for messages of failure. */
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

    /** Ends it, and keeps its folder until it is closed: its logs are complete. */
    public Peer end() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        return this;
    }

    @Override
    public void close() {
        if (Files.exists(folder)) {
            end();
            lastLog = readLogs();
            delete(folder);
        }
    }

    @Override
    public String toString() {
        return log();
    }

    /** Waits until somebody listens on its port; it is closed if nobody will. */
    Peer awaited() {
        try {
            await(name + " to listen").atMost(PATIENCE).until(this::answersOrEnded);
            if (process.isAlive()) {
                return this;
            }
        } catch (ConditionTimeoutException e) {
            close();
            throw new IllegalStateException("does not listen: " + lastLog, e);
        }
        close();
        throw new IllegalStateException("ended at once: " + lastLog);
    }

    private boolean answersOrEnded() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException notYet) {
            return !process.isAlive();
        }
    }

    /** As squid's checker of passwords reads it, besides better ones. */
    private static String md5(String password) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("MD5").digest(password.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
