package dev.keepalive.testservers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Real HTTP servers with HTTP/1.1 and HTTP/2, beside {@link TestServer#nginx}: each runs as a {@link TestServer}.
 *
 * <p>The files that a server serves are given by their names and contents.
 */
public final class HttpTestServers {
    private static final String CONFIGURATION = TestServerSetup.CONFIGURATION;

    private HttpTestServers() {}

    // ---- nghttpd

    /**
     * Nghttpd, the HTTP/2 server of nghttp2, in the clear: for clients that know it.
     *
     * @param options {@code -m 10} for ten streams at a time, {@code --echo-upload}, {@code --trailer=a: b}
     */
    public static TestServer nghttpd(Map<String, String> files, String... options) {
        TestServerSetup setup = new TestServerSetup("nghttpd", "nghttp2-server");
        return nghttpd(setup, files, List.of(options), "--no-tls", "PORT");
    }

    /** The same with TLS. */
    public static TestServer nghttpdTls(
            String certificatePem, String keyPem, Map<String, String> files, String... options) {
        TestServerSetup setup = new TestServerSetup("nghttpd", "nghttp2-server");
        setup.certificate(certificatePem, keyPem);
        return nghttpd(setup, files, List.of(options), "PORT", "FOLDER/key.pem", "FOLDER/certificate.pem");
    }

    private static TestServer nghttpd(
            TestServerSetup setup, Map<String, String> files, List<String> options, String... last) {
        write(setup, files);
        List<String> command = new ArrayList<>(List.of("-a", "127.0.0.1", "-d", "FOLDER/htdocs"));
        command.addAll(options);
        command.addAll(List.of(last));
        return setup.start(command.toArray(String[]::new));
    }

    // ---- Apache httpd

    /**
     * Apache httpd in the clear: HTTP/1.1, and HTTP/2 for clients that know it. Under {@code /echo} it answers with the
     * body of the request. Each line of {@code requests.log} has protocol, method, the field X-Id and status.
     *
     * @param directives {@code KeepAliveTimeout 1}, {@code MaxKeepAliveRequests 3}
     */
    public static TestServer apache(Map<String, String> files, String... directives) {
        return apache(new TestServerSetup("apache2", "apache2"), files, "Protocols h2c http/1.1", directives);
    }

    /** The same with TLS: the client chooses between HTTP/2 and HTTP/1.1 by ALPN. */
    public static TestServer apacheTls(
            String certificatePem, String keyPem, Map<String, String> files, String... directives) {
        TestServerSetup setup = new TestServerSetup("apache2", "apache2");
        setup.certificate(certificatePem, keyPem);
        String tls =
                """
                LoadModule ssl_module MODULES/mod_ssl.so
                SSLEngine on
                SSLCertificateFile FOLDER/certificate.pem
                SSLCertificateKeyFile FOLDER/key.pem
                Protocols h2 http/1.1
                """;
        return apache(setup, files, tls, directives);
    }

    private static TestServer apache(
            TestServerSetup setup, Map<String, String> files, String protocols, String... directives) {
        InstalledPrograms.file("/usr/lib/apache2/modules/mod_http2.so", "apache2");
        write(setup, files);
        setup.write("htdocs/echo/empty", "");
        String user = "";
        if (TestServerSetup.isRoot()) {
            // Apache's workers do not run as root.
            user = "User nobody\nGroup nogroup";
            setup.openToAllUsers();
        }
        setup.reloadSignal = "USR1";
        setup.configuration(
                """
                ServerRoot FOLDER
                ServerName localhost
                DefaultRuntimeDir FOLDER
                PidFile FOLDER/apache.pid
                Listen 127.0.0.1:PORT
                ErrorLog FOLDER/error.log
                LoadModule mpm_event_module MODULES/mod_mpm_event.so
                LoadModule authz_core_module MODULES/mod_authz_core.so
                LoadModule http2_module MODULES/mod_http2.so
                LoadModule reflector_module MODULES/mod_reflector.so
                %s
                %s
                StartServers 1
                ServerLimit 4
                ThreadsPerChild 64
                MaxRequestWorkers 256
                LogFormat "%%H %%m %%{X-Id}i %%>s" request
                CustomLog FOLDER/requests.log request
                DocumentRoot FOLDER/htdocs
                <Location /echo>
                  SetHandler reflector
                </Location>
                %s
                """
                        .formatted(user, protocols, String.join("\n", directives))
                        .replace("MODULES", "/usr/lib/apache2/modules"));
        return setup.start("-D", "FOREGROUND", "-f", "FOLDER/" + CONFIGURATION);
    }

    // ---- HAProxy in front of a server

    /**
     * HAProxy before a server on this port of 127.0.0.1, with HTTP/1.1 in the clear.
     *
     * @param lines of its section of defaults: {@code timeout http-keep-alive 1s}
     */
    public static TestServer haproxy(int serverPort, String... lines) {
        return haproxy(new TestServerSetup("haproxy", "haproxy"), serverPort, "", lines);
    }

    /** The same with HTTP/2 in the clear, for clients that know it. */
    public static TestServer haproxyHttp2(int serverPort, String... lines) {
        return haproxy(new TestServerSetup("haproxy", "haproxy"), serverPort, "proto h2", lines);
    }

    /** The same with TLS: the client chooses between HTTP/2 and HTTP/1.1 by ALPN. */
    public static TestServer haproxyTls(String certificatePem, String keyPem, int serverPort, String... lines) {
        TestServerSetup setup = new TestServerSetup("haproxy", "haproxy");
        setup.write("both.pem", certificatePem + keyPem);
        return haproxy(setup, serverPort, "ssl crt FOLDER/both.pem alpn h2,http/1.1", lines);
    }

    private static TestServer haproxy(TestServerSetup setup, int serverPort, String bind, String... lines) {
        setup.reloadSignal = "USR2";
        setup.configuration(
                """
                global
                  stats socket FOLDER/haproxy.sock mode 600 level admin expose-fd listeners
                  hard-stop-after 10s
                defaults
                  mode http
                  timeout connect 5s
                  timeout client 60s
                  timeout server 60s
                  %s
                frontend all
                  bind 127.0.0.1:PORT %s
                  default_backend server
                backend server
                  server one 127.0.0.1:%d
                """
                        .formatted(String.join("\n  ", lines), bind, serverPort));
        return setup.start("-W", "-db", "-f", "FOLDER/" + CONFIGURATION);
    }

    private static void write(TestServerSetup setup, Map<String, String> files) {
        setup.write("htdocs/empty", "");
        files.forEach((name, content) -> setup.write("htdocs/" + name, content));
    }
}
