package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.testservers.TestServer;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands through real proxies and servers: each route and TLS option, as the other side counts and logs it. */
class CliRoutesTest {
    private static final String HELLO = "location / { return 200 \"hello\\n\"; }";
    private static final X509Bundle SERVER = TestCertificates.issuedTo("127.0.0.1");
    private static final X509Bundle CLIENT = TestCertificates.issuedTo("client.test");

    @TempDir
    private Path folder;

    // ---- proxies

    @Test
    void fetchGoesThroughTinyproxy() {
        try (TestServer nginx = nginx();
                TestServer proxy = TestServer.tinyproxy()) {
            assertFetches(nginx, "--proxy", "http://127.0.0.1:" + proxy.port());
            assertThat(proxy.end().log()).contains("Established connection to host \"127.0.0.1\"");
        }
    }

    @Test
    void fetchGoesThroughTinyproxyWithThePassword() {
        try (TestServer nginx = nginx();
                TestServer proxy = TestServer.tinyproxy("user", "secret")) {
            assertFetches(nginx, "--proxy", "http://user:secret@127.0.0.1:" + proxy.port());
            assertRefused(
                    nginx, "proxy error 0: .*407 Proxy Authentication Required", "http://127.0.0.1:" + proxy.port());
            // Tinyproxy answers 401 to a wrong password; the other proxies answer 407.
            assertRefused(nginx, "proxy error 0: .*401 Unauthorized", "http://user:wrong@127.0.0.1:" + proxy.port());
        }
    }

    @Test
    void fetchGoesThroughSquidWithThePassword() {
        try (TestServer nginx = nginx();
                TestServer proxy = TestServer.squid("user", "s e:c/r@t%")) {
            assertFetches(nginx, "--proxy", "http://user:s%20e:c%2Fr%40t%25@127.0.0.1:" + proxy.port());
            assertRefused(
                    nginx,
                    "proxy error 0: .*407 Proxy Authentication Required",
                    "http://user:wrong@127.0.0.1:" + proxy.port());
            assertRefused(
                    nginx, "proxy error 0: .*407 Proxy Authentication Required", "http://127.0.0.1:" + proxy.port());
            assertThat(proxy.end().read("access.log"))
                    .contains("CONNECT 127.0.0.1:" + nginx.port() + " user ")
                    .contains("TCP_DENIED/407");
        }
    }

    @Test
    void fetchGoesThroughMicrosocksWithThePassword() {
        try (TestServer nginx = nginx();
                TestServer open = TestServer.microsocks();
                TestServer closed = TestServer.microsocks("user", "secret")) {
            assertFetches(nginx, "--proxy", "socks5://127.0.0.1:" + open.port());
            assertFetches(nginx, "--proxy", "socks5://user:secret@127.0.0.1:" + closed.port());
            assertRefused(nginx, "proxy error 0: .*(?i)auth", "socks5://user:wrong@127.0.0.1:" + closed.port());
            assertRefused(nginx, "proxy error 0: .*(?i)auth", "socks5://127.0.0.1:" + closed.port());
            assertThat(open.log()).contains("connected to 127.0.0.1:" + nginx.port());
        }
    }

    @Test
    void proxiesFormAChainAndMayUseTls() throws IOException {
        try (TestServer nginx = nginx();
                TestServer far = TestServer.tinyproxy();
                TestServer near =
                        TestServer.stunnel(far.port(), SERVER.getCertificatePathPEM(), SERVER.getPrivateKeyPEM());
                TestServer socks = TestServer.microsocks()) {
            assertFetches(
                    nginx,
                    "--proxy-cacert",
                    TestCertificates.authorityFile(),
                    "--proxy",
                    "socks5://127.0.0.1:" + socks.port(),
                    "--proxy",
                    "https://127.0.0.1:" + near.port());
            assertThat(socks.log()).contains("connected to 127.0.0.1:" + near.port());
            assertThat(far.end().log()).contains("CONNECT 127.0.0.1:" + nginx.port());
        }
    }

    @Test
    void aRefusedProxyIsAConnectError() throws Exception {
        String closedUrl = "http://user:secret@127.0.0.1:" + ConnectTest.closedPort();
        CliRun fetch = CliRun.run("fetch", "-v", "--proxy", closedUrl, "http://127.0.0.1:80/");
        assertThat(fetch.status()).isEqualTo(1);
        assertThat(fetch.row("connect error 111: Connection refused")).isEqualTo(1);
        assertThat(fetch.out() + fetch.err()).doesNotContain("secret");
    }

    @Test
    void connectGoesThroughAProxy() throws Exception {
        // Microsocks closes both directions when one ends, so the server must end last.
        try (ConnectTest.OneMessageServer server = new ConnectTest.OneMessageServer("hello\r\n");
                PipedOutputStream keyboard = new PipedOutputStream();
                TestServer proxy = TestServer.microsocks("user", "secret")) {
            String way = "socks5://user:secret@127.0.0.1:" + proxy.port();
            CliRun connect = CliRun.reading(
                    new PipedInputStream(keyboard), "connect", "--proxy", way, "127.0.0.1", server.port());
            assertThat(connect.out().lines()).as(connect.err()).containsExactly("hello");
            assertThat(connect.status()).isZero();

            CliRun wrong = CliRun.run(
                    "connect", "-v", "--proxy", way.replace("secret", "hush-hush"), "127.0.0.1", server.port());
            assertThat(wrong.status()).isEqualTo(1);
            assertThat(wrong.err())
                    .containsPattern("Connection could not be established: proxy error 0: .*(?i)auth")
                    .doesNotContain("hush-hush");
        }
    }

    // ---- other routes

    @Test
    void fetchGoesThroughAUnixDomainSocket() throws IOException {
        try (TestServer nginx = TestServer.nginxTls(
                SERVER.getCertificatePathPEM(),
                SERVER.getPrivateKeyPEM(),
                "listen 127.0.0.1:PORT;",
                "listen unix:FOLDER/socket;",
                "listen unix:FOLDER/tls-socket ssl;",
                HELLO)) {
            assertSucceeds(
                    CliRun.run("fetch", "-n", "20", "--unix", nginx.folder() + "/socket", "http://name.test/"), 20);
            CliRun tls = CliRun.run(
                    "fetch",
                    "-n",
                    "20",
                    "--cacert",
                    TestCertificates.authorityFile(),
                    "--unix",
                    nginx.folder() + "/tls-socket",
                    "https://127.0.0.1/");
            assertSucceeds(tls, 20);
            CliRun missing = CliRun.run("fetch", "--unix", nginx.folder() + "/no-socket", "http://name.test/");
            assertThat(missing.status()).isEqualTo(1);
            assertThat(missing.out()).contains("connect error 2: No such file or directory");
        }
    }

    @Test
    void connectGoesThroughAUnixDomainSocket() {
        try (TestServer nginx = TestServer.nginx("listen 127.0.0.1:PORT;", "listen unix:FOLDER/socket;", HELLO)) {
            CliRun connect = CliRun.typing("GET / HTTP/1.0\n\n", "connect", "--unix", nginx.folder() + "/socket");
            assertThat(connect.out().lines()).contains("HTTP/1.1 200 OK", "hello");
            assertThat(connect.status()).as(connect.err()).isZero();
        }
    }

    @Test
    void theServerSeesTheBoundAddress() {
        try (TestServer nginx = TestServer.nginx(
                "listen 127.0.0.1:PORT;",
                "access_log FOLDER/access.log connection;",
                "access_log FOLDER/from.log from;",
                HELLO)) {
            assertFetches(nginx, "--bind", "127.0.0.9");
            assertThat(nginx.end().read("from.log").lines().distinct()).containsExactly("127.0.0.9");
        }
    }

    @Test
    void fetchGoesThroughHaproxy() {
        try (TestServer nginx = nginx();
                TestServer haproxy = TestServer.haproxy(nginx.port())) {
            assertSucceeds(
                    CliRun.run("fetch", "-n", "200", "-c", "8", "http://127.0.0.1:" + haproxy.port() + "/"), 200);
            assertThat(nginx.end().read("access.log").lines().count()).isEqualTo(200);
        }
    }

    // ---- TLS

    @Test
    void theClientsCertificateIsShownToStunnel() throws IOException {
        try (TestServer nginx = nginx();
                TestServer stunnel = TestServer.stunnel(
                        nginx.port(),
                        SERVER.getCertificatePathPEM(),
                        SERVER.getPrivateKeyPEM(),
                        "verifyChain = yes",
                        "CAfile = " + TestCertificates.authorityFile())) {
            assertTheClientsCertificateIsNeeded("https://127.0.0.1:" + stunnel.port() + "/");
        }
    }

    @Test
    void theClientsCertificateIsShownToOpenssl() throws IOException {
        try (TestServer openssl = TestServer.opensslServer(
                SERVER.getCertificatePathPEM(),
                SERVER.getPrivateKeyPEM(),
                "-www",
                "-Verify",
                "1",
                "-verify_return_error",
                "-CAfile",
                TestCertificates.authorityFile())) {
            assertTheClientsCertificateIsNeeded("https://127.0.0.1:" + openssl.port() + "/");
        }
    }

    private void assertTheClientsCertificateIsNeeded(String url) throws IOException {
        String[] trust = {"fetch", "--cacert", TestCertificates.authorityFile()};
        CliRun with = CliRun.run(
                trust[0],
                trust[1],
                trust[2],
                "--cert",
                written("client.pem", CLIENT.getCertificatePathPEM()),
                "--key",
                written("client-key.pem", CLIENT.getPrivateKeyPEM()),
                url);
        assertSucceeds(with, 1);
        CliRun without = CliRun.run(trust[0], trust[1], trust[2], url);
        assertThat(without.status()).isEqualTo(1);
        assertThat(without.out()).containsPattern("(?i)certificate.required");
    }

    @Test
    void trustOptionsApplyToNginx() throws IOException {
        try (TestServer nginx = TestServer.nginxTls(
                SERVER.getCertificatePathPEM(), SERVER.getPrivateKeyPEM(), "listen 127.0.0.1:PORT ssl;", HELLO)) {
            String right = "https://127.0.0.1:" + nginx.port() + "/";
            String otherName = "https://localhost:" + nginx.port() + "/";
            assertSucceeds(CliRun.run("fetch", "-n", "50", "--cacert", TestCertificates.authorityFile(), right), 50);
            assertSucceeds(CliRun.run("fetch", "--insecure", right), 1);
            assertSucceeds(CliRun.run("fetch", "--insecure", otherName), 1);
            assertThat(CliRun.run("fetch", right).out()).contains("tls error 0: ");
            assertThat(CliRun.run("fetch", "--cacert", TestCertificates.authorityFile(), otherName)
                            .out())
                    .containsPattern("tls error 0: .*localhost");
        }
    }

    @Test
    void protocolsAreOfferedToOpenssl() throws IOException {
        try (TestServer openssl = TestServer.opensslServer(
                SERVER.getCertificatePathPEM(), SERVER.getPrivateKeyPEM(), "-www", "-alpn", "other,http/1.1")) {
            String url = "https://127.0.0.1:" + openssl.port() + "/";
            String[] words = {"fetch", "--cacert", TestCertificates.authorityFile(), "--alpn"};
            assertSucceeds(CliRun.run(words[0], words[1], words[2], words[3], "http/1.1", url), 1);
            CliRun another = CliRun.run(words[0], words[1], words[2], words[3], "http/1.1,other", url);
            assertThat(another.status()).isEqualTo(1);
            assertThat(another.out()).contains("the server chose the protocol 'other'");
            CliRun none = CliRun.run(words[0], words[1], words[2], words[3], "third", url);
            assertThat(none.status()).isEqualTo(1);
            assertThat(none.out()).containsPattern("tls error 0: .*(?i)no_application_protocol");
        }
    }

    // ---- shared parts

    private static TestServer nginx() {
        return TestServer.nginx("listen 127.0.0.1:PORT;", "keepalive_requests 100000;", HELLO);
    }

    /** Makes two hundred requests by this route, over at most four connections by the count of the server. */
    private static void assertFetches(TestServer nginx, String... way) {
        int before = requests(nginx).size();
        List<String> words = new ArrayList<>(List.of("fetch", "-n", "200", "-c", "16"));
        words.addAll(List.of(way));
        words.add("http://127.0.0.1:" + nginx.port() + "/");
        assertSucceeds(CliRun.run(words.toArray(String[]::new)), 200);
        await().until(() -> requests(nginx).size() >= before + 200);
        assertThat(requests(nginx).subList(before, before + 200).stream()
                        .distinct()
                        .count())
                .isBetween(1L, 4L);
    }

    private static List<String> requests(TestServer nginx) {
        return nginx.read("access.log").lines().toList();
    }

    private static void assertSucceeds(CliRun fetch, long requests) {
        assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
        assertThat(fetch.row("status 2xx")).isEqualTo(requests);
    }

    /** One failed dial, whose text contains the answer of the proxy and not the password. */
    private static void assertRefused(TestServer nginx, String message, String proxy) {
        CliRun fetch = CliRun.run("fetch", "-v", "--proxy", proxy, "http://127.0.0.1:" + nginx.port() + "/");
        assertThat(fetch.status()).isEqualTo(1);
        assertThat(fetch.out()).containsPattern(message);
        assertThat(fetch.out() + fetch.err()).doesNotContain("wrong").doesNotContain("d3Jvbmc");
    }

    private String written(String file, String text) throws IOException {
        return Files.writeString(folder.resolve(file), text).toString();
    }
}
