package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.peers.Peer;
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

/** The commands through real peers: each way to a server, counted and logged at the other side. */
class WaysTest {
    private static final String HELLO = "location / { return 200 \"hello\\n\"; }";
    private static final X509Bundle SERVER = Certificates.issuedTo("127.0.0.1");
    private static final X509Bundle CLIENT = Certificates.issuedTo("client.test");

    @TempDir
    private Path folder;

    // ---- proxies

    @Test
    void fetchGoesThroughTinyproxy() {
        try (Peer nginx = nginx();
                Peer proxy = Peer.tinyproxy()) {
            assertFetches(nginx, "--proxy", "http://127.0.0.1:" + proxy.port());
            assertThat(proxy.end().log()).contains("Established connection to host \"127.0.0.1\"");
        }
    }

    @Test
    void fetchGoesThroughTinyproxyWithThePassword() {
        try (Peer nginx = nginx();
                Peer proxy = Peer.tinyproxy("user", "secret")) {
            assertFetches(nginx, "--proxy", "http://user:secret@127.0.0.1:" + proxy.port());
            assertRefused(
                    nginx, "proxy error 0: .*407 Proxy Authentication Required", "http://127.0.0.1:" + proxy.port());
            // Other than all other proxies.
            assertRefused(nginx, "proxy error 0: .*401 Unauthorized", "http://user:wrong@127.0.0.1:" + proxy.port());
        }
    }

    @Test
    void fetchGoesThroughSquidWithThePassword() {
        try (Peer nginx = nginx();
                Peer proxy = Peer.squid("user", "s e:c/r@t%")) {
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
        try (Peer nginx = nginx();
                Peer open = Peer.microsocks();
                Peer closed = Peer.microsocks("user", "secret")) {
            assertFetches(nginx, "--proxy", "socks5://127.0.0.1:" + open.port());
            assertFetches(nginx, "--proxy", "socks5://user:secret@127.0.0.1:" + closed.port());
            assertRefused(nginx, "proxy error 0: .*(?i)auth", "socks5://user:wrong@127.0.0.1:" + closed.port());
            assertRefused(nginx, "proxy error 0: .*(?i)auth", "socks5://127.0.0.1:" + closed.port());
            assertThat(open.log()).contains("connected to 127.0.0.1:" + nginx.port());
        }
    }

    @Test
    void proxiesFollowEachOtherAndMayHaveTls() throws IOException {
        try (Peer nginx = nginx();
                Peer far = Peer.tinyproxy();
                Peer near = Peer.stunnel(far.port(), SERVER.getCertificatePathPEM(), SERVER.getPrivateKeyPEM());
                Peer socks = Peer.microsocks()) {
            assertFetches(
                    nginx,
                    "--cacert",
                    Certificates.authorityFile(),
                    "--proxy",
                    "socks5://127.0.0.1:" + socks.port(),
                    "--proxy",
                    "https://127.0.0.1:" + near.port());
            assertThat(socks.log()).contains("connected to 127.0.0.1:" + near.port());
            assertThat(far.end().log()).contains("CONNECT 127.0.0.1:" + nginx.port());
        }
    }

    @Test
    void aProxyThatIsNotThereIsAnErrorOfConnecting() throws Exception {
        String nobody = "http://user:secret@127.0.0.1:" + ConnectTest.closedPort();
        Cli fetch = Cli.run("fetch", "-v", "--proxy", nobody, "http://127.0.0.1:80/");
        assertThat(fetch.status()).isEqualTo(1);
        assertThat(fetch.row("connect error 111: Connection refused")).isEqualTo(1);
        assertThat(fetch.out() + fetch.err()).doesNotContain("secret");
    }

    @Test
    void connectGoesThroughAProxy() throws Exception {
        // Microsocks ends both directions with the first one, so the server must have the last word.
        try (ConnectTest.PeerThatSays server = new ConnectTest.PeerThatSays("hello\r\n");
                PipedOutputStream keyboard = new PipedOutputStream();
                Peer proxy = Peer.microsocks("user", "secret")) {
            String way = "socks5://user:secret@127.0.0.1:" + proxy.port();
            Cli connect =
                    Cli.reading(new PipedInputStream(keyboard), "connect", "--proxy", way, "127.0.0.1", server.port());
            assertThat(connect.out().lines()).as(connect.err()).containsExactly("hello");
            assertThat(connect.status()).isZero();

            Cli wrong =
                    Cli.run("connect", "-v", "--proxy", way.replace("secret", "hush-hush"), "127.0.0.1", server.port());
            assertThat(wrong.status()).isEqualTo(1);
            assertThat(wrong.err())
                    .containsPattern("Connection could not be established: proxy error 0: .*(?i)auth")
                    .doesNotContain("hush-hush");
        }
    }

    // ---- other ways

    @Test
    void fetchGoesThroughAUnixDomainSocket() throws IOException {
        try (Peer nginx = Peer.nginxTls(
                SERVER.getCertificatePathPEM(),
                SERVER.getPrivateKeyPEM(),
                "listen 127.0.0.1:PORT;",
                "listen unix:FOLDER/socket;",
                "listen unix:FOLDER/tls-socket ssl;",
                HELLO)) {
            assertWell(Cli.run("fetch", "-n", "20", "--unix", nginx.folder() + "/socket", "http://name.test/"), 20);
            Cli tls = Cli.run(
                    "fetch",
                    "-n",
                    "20",
                    "--cacert",
                    Certificates.authorityFile(),
                    "--unix",
                    nginx.folder() + "/tls-socket",
                    "https://127.0.0.1/");
            assertWell(tls, 20);
            Cli nobody = Cli.run("fetch", "--unix", nginx.folder() + "/no-socket", "http://name.test/");
            assertThat(nobody.status()).isEqualTo(1);
            assertThat(nobody.out()).contains("connect error 2: No such file or directory");
        }
    }

    @Test
    void connectGoesThroughAUnixDomainSocket() {
        try (Peer nginx = Peer.nginx("listen 127.0.0.1:PORT;", "listen unix:FOLDER/socket;", HELLO)) {
            Cli connect = Cli.typing("GET / HTTP/1.0\n\n", "connect", "--unix", nginx.folder() + "/socket");
            assertThat(connect.out().lines()).contains("HTTP/1.1 200 OK", "hello");
            assertThat(connect.status()).as(connect.err()).isZero();
        }
    }

    @Test
    void theServerSeesTheAddressOneBindsTo() {
        try (Peer nginx = Peer.nginx(
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
        try (Peer nginx = nginx();
                Peer haproxy = Peer.haproxy(nginx.port())) {
            assertWell(Cli.run("fetch", "-n", "200", "-c", "8", "http://127.0.0.1:" + haproxy.port() + "/"), 200);
            assertThat(nginx.end().read("access.log").lines().count()).isEqualTo(200);
        }
    }

    // ---- TLS

    @Test
    void theClientsCertificateIsShownToStunnel() throws IOException {
        try (Peer nginx = nginx();
                Peer stunnel = Peer.stunnel(
                        nginx.port(),
                        SERVER.getCertificatePathPEM(),
                        SERVER.getPrivateKeyPEM(),
                        "verifyChain = yes",
                        "CAfile = " + Certificates.authorityFile())) {
            assertTheClientsCertificateIsNeeded("https://127.0.0.1:" + stunnel.port() + "/");
        }
    }

    @Test
    void theClientsCertificateIsShownToOpenssl() throws IOException {
        try (Peer openssl = Peer.opensslServer(
                SERVER.getCertificatePathPEM(),
                SERVER.getPrivateKeyPEM(),
                "-www",
                "-Verify",
                "1",
                "-verify_return_error",
                "-CAfile",
                Certificates.authorityFile())) {
            assertTheClientsCertificateIsNeeded("https://127.0.0.1:" + openssl.port() + "/");
        }
    }

    private void assertTheClientsCertificateIsNeeded(String url) throws IOException {
        String[] trust = {"fetch", "--cacert", Certificates.authorityFile()};
        Cli with = Cli.run(
                trust[0],
                trust[1],
                trust[2],
                "--cert",
                written("client.pem", CLIENT.getCertificatePathPEM()),
                "--key",
                written("client-key.pem", CLIENT.getPrivateKeyPEM()),
                url);
        assertWell(with, 1);
        Cli without = Cli.run(trust[0], trust[1], trust[2], url);
        assertThat(without.status()).isEqualTo(1);
        assertThat(without.out()).containsPattern("(?i)certificate.required");
    }

    @Test
    void whomToTrustIsSaidWithNginx() throws IOException {
        try (Peer nginx = Peer.nginxTls(
                SERVER.getCertificatePathPEM(), SERVER.getPrivateKeyPEM(), "listen 127.0.0.1:PORT ssl;", HELLO)) {
            String right = "https://127.0.0.1:" + nginx.port() + "/";
            String otherName = "https://localhost:" + nginx.port() + "/";
            assertWell(Cli.run("fetch", "-n", "50", "--cacert", Certificates.authorityFile(), right), 50);
            assertWell(Cli.run("fetch", "--insecure", right), 1);
            assertWell(Cli.run("fetch", "--insecure", otherName), 1);
            assertThat(Cli.run("fetch", right).out()).contains("tls error 0: ");
            assertThat(Cli.run("fetch", "--cacert", Certificates.authorityFile(), otherName)
                            .out())
                    .containsPattern("tls error 0: .*localhost");
        }
    }

    @Test
    void protocolsAreOfferedToOpenssl() throws IOException {
        try (Peer openssl = Peer.opensslServer(
                SERVER.getCertificatePathPEM(), SERVER.getPrivateKeyPEM(), "-www", "-alpn", "other,http/1.1")) {
            String url = "https://127.0.0.1:" + openssl.port() + "/";
            String[] words = {"fetch", "--cacert", Certificates.authorityFile(), "--alpn"};
            assertWell(Cli.run(words[0], words[1], words[2], words[3], "http/1.1", url), 1);
            Cli another = Cli.run(words[0], words[1], words[2], words[3], "http/1.1,other", url);
            assertThat(another.status()).isEqualTo(1);
            assertThat(another.out()).contains("the server chose the protocol 'other'");
            Cli none = Cli.run(words[0], words[1], words[2], words[3], "third", url);
            assertThat(none.status()).isEqualTo(1);
            assertThat(none.out()).containsPattern("tls error 0: .*(?i)no_application_protocol");
        }
    }

    // ---- what all of them share

    private static Peer nginx() {
        return Peer.nginx("listen 127.0.0.1:PORT;", "keepalive_requests 100000;", HELLO);
    }

    /** Two hundred requests by this way, over at most four connections by the server's own count. */
    private static void assertFetches(Peer nginx, String... way) {
        int before = requests(nginx).size();
        List<String> words = new ArrayList<>(List.of("fetch", "-n", "200", "-c", "16"));
        words.addAll(List.of(way));
        words.add("http://127.0.0.1:" + nginx.port() + "/");
        assertWell(Cli.run(words.toArray(String[]::new)), 200);
        await().until(() -> requests(nginx).size() >= before + 200);
        assertThat(requests(nginx).subList(before, before + 200).stream()
                        .distinct()
                        .count())
                .isBetween(1L, 4L);
    }

    private static List<String> requests(Peer nginx) {
        return nginx.read("access.log").lines().toList();
    }

    private static void assertWell(Cli fetch, long requests) {
        assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
        assertThat(fetch.row("status 2xx")).isEqualTo(requests);
    }

    /** One failure, as of any dial, that says what the proxy said and not what it was told. */
    private static void assertRefused(Peer nginx, String said, String proxy) {
        Cli fetch = Cli.run("fetch", "-v", "--proxy", proxy, "http://127.0.0.1:" + nginx.port() + "/");
        assertThat(fetch.status()).isEqualTo(1);
        assertThat(fetch.out()).containsPattern(said);
        assertThat(fetch.out() + fetch.err()).doesNotContain("wrong").doesNotContain("d3Jvbmc");
    }

    private String written(String file, String text) throws IOException {
        return Files.writeString(folder.resolve(file), text).toString();
    }
}
