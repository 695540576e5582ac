package dev.keepalive.testservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class TestServerTest {
    @Test
    void aMissingProgramSkipsTheTestAndNamesItsPackage() {
        assertThatExceptionOfType(TestAbortedException.class)
                .isThrownBy(() -> InstalledPrograms.program("no-such-program", "its-package"))
                .withMessageContaining("no-such-program is not installed")
                .withMessageContaining("Debian's package its-package");
        assertThatExceptionOfType(TestAbortedException.class)
                .isThrownBy(() -> InstalledPrograms.file("/no/such/file", "its-package"))
                .withMessageContaining("/no/such/file is not installed");
    }

    @Test
    void aProgramThatEndsAtOnceIsAFailureThatSaysWhatItPrinted() {
        InstalledPrograms.program("nginx", "nginx-light");
        assertThatIllegalStateException()
                .isThrownBy(() -> TestServer.nginx("no such directive;"))
                .withMessageContaining("ended at once")
                .withMessageContaining("unknown directive \"no\"");
    }

    @Test
    void aClosedServerDoesNotListenAndLeavesNoFolder() {
        TestServer nginx = TestServer.nginx("listen 127.0.0.1:PORT;", "location / { return 200 hello; }");
        Path folder = nginx.folder();
        try (nginx) {
            assertThat(answer(nginx, "GET / HTTP/1.0\r\n\r\n")).contains("200 OK");
            assertThat(nginx.end().read("access.log")).containsPattern("^\\d+\n$");
        }

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> answer(nginx, "GET / HTTP/1.0\r\n\r\n"))
                .withCauseInstanceOf(ConnectException.class);
        assertThat(folder).doesNotExist();
    }

    @Test
    void haproxyForwardsToAServer() {
        try (TestServer nginx = TestServer.nginx("listen 127.0.0.1:PORT;", "location / { return 200 hello; }");
                TestServer haproxy = TestServer.haproxy(nginx.port())) {
            assertThat(answer(haproxy, "GET / HTTP/1.0\r\n\r\n"))
                    .as(haproxy::log)
                    .contains("200 OK");
        }
    }

    @Test
    void tinyproxyAsksForAPasswordIfItHasOne() {
        try (TestServer nginx = TestServer.nginx("listen 127.0.0.1:PORT;");
                TestServer open = TestServer.tinyproxy();
                TestServer closed = TestServer.tinyproxy("user", "secret")) {
            assertThat(answer(open, connect(nginx, ""))).as(open::log).contains(" 200 ");
            assertThat(answer(closed, connect(nginx, ""))).contains(" 407 ");
            // Tinyproxy answers 401 to a wrong password; the other proxies answer 407.
            assertThat(answer(closed, connect(nginx, authorization("user:wrong"))))
                    .contains(" 401 ");
            assertThat(answer(closed, connect(nginx, authorization("user:secret"))))
                    .as(closed::log)
                    .contains(" 200 ");
        }
    }

    @Test
    void squidAsksForAPasswordIfItHasOne() {
        try (TestServer nginx = TestServer.nginx("listen 127.0.0.1:PORT;");
                TestServer open = TestServer.squid();
                TestServer closed = TestServer.squid("user", "secret")) {
            assertThat(answer(open, connect(nginx, ""))).as(open::log).contains(" 200 ");
            assertThat(answer(closed, connect(nginx, ""))).contains(" 407 ");
            assertThat(answer(closed, connect(nginx, authorization("user:wrong"))))
                    .contains(" 407 ");
            assertThat(answer(closed, connect(nginx, authorization("user:secret"))))
                    .as(closed::log)
                    .contains(" 200 ");
        }
    }

    @Test
    void theOtherServersStartAndListen() {
        // The tests that use them show what they do.
        try (TestServer open = TestServer.microsocks();
                TestServer closed = TestServer.microsocks("user", "secret");
                TestServer dnsmasq = TestServer.dnsmasq("--host-record=a.test,127.0.0.1");
                TestServer unbound = TestServer.unbound("local-data: \"a.test. 5 IN A 127.0.0.1\"")) {
            assertThat(open.port()).isNotEqualTo(closed.port());
            assertThat(dnsmasq.log()).contains("started, version");
            // Unbound listens before it logs the start.
            await().untilAsserted(() -> assertThat(unbound.log()).contains("start of service"));
        }
    }

    @Test
    void opensslWithoutACertificateDoesNotStart() {
        InstalledPrograms.program("openssl", "openssl");
        assertThatIllegalStateException()
                .isThrownBy(() -> TestServer.opensslServer("no certificate", "no key", "-rev"))
                .withMessageContaining("certificate");
    }

    @Test
    void stunnelWithoutACertificateDoesNotStart() {
        InstalledPrograms.program("stunnel4", "stunnel4");
        assertThatIllegalStateException()
                .isThrownBy(() -> TestServer.stunnel(9, "no certificate", "no key"))
                .withMessageContaining("certificate");
    }

    private static String connect(TestServer to, String header) {
        String address = "127.0.0.1:" + to.port();
        return "CONNECT " + address + " HTTP/1.1\r\nHost: " + address + "\r\n" + header + "\r\n";
    }

    private static String authorization(String userAndPassword) {
        String encoded = Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8));
        return "Proxy-Authorization: Basic " + encoded + "\r\n";
    }

    /** The first line of the answer. */
    private static String answer(TestServer peer, String request) {
        try (Socket socket = new Socket("127.0.0.1", peer.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return String.valueOf(
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                            .readLine());
        } catch (IOException e) {
            throw new AssertionError(peer.toString(), e);
        }
    }
}
