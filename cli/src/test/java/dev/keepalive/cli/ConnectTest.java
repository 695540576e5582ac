package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConnectTest {
    @Test
    void linesTypedGoOutAndLinesReceivedArePrinted() throws Exception {
        try (LineServer server = LineServer.start()) {
            CliRun connect = CliRun.typing("one\nzwölf\n", "connect", "127.0.0.1", port(server));

            assertThat(connect.status()).isZero();
            assertThat(connect.out().lines()).containsExactly("hello one", "hello zwölf");
            assertThat(connect.err().lines())
                    .containsExactly("Connection is in progress.", "Connection was established asynchronously.");
            assertThat(server.awaitEnd(Duration.ofSeconds(10))).isTrue();
            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    @Test
    void manyLinesTypedAtOnceAllArriveInOrder() throws Exception {
        String typed = IntStream.range(0, 20_000).mapToObj(i -> i + "\n").collect(Collectors.joining());
        try (LineServer server = LineServer.start()) {
            CliRun connect = CliRun.typing(typed, "connect", "localhost", port(server));

            assertThat(connect.status()).as(connect.err()).isZero();
            assertThat(connect.out())
                    .isEqualTo(typed.lines()
                            .map(line -> "hello " + line + System.lineSeparator())
                            .collect(Collectors.joining()));
        }
    }

    @Test
    void endOfTheServersOutputEndsTheProgramWithoutInput() throws Exception {
        try (OneMessageServer peer = new OneMessageServer("welcome\r\nand goodbye, without a line break");
                PipedOutputStream keyboard = new PipedOutputStream()) {
            CliRun connect = CliRun.reading(new PipedInputStream(keyboard), "connect", "127.0.0.1", peer.port());

            assertThat(connect.status()).as(connect.err()).isZero();
            assertThat(connect.out().lines()).containsExactly("welcome", "and goodbye, without a line break");
        }
    }

    @Test
    void whatTheServerSendsDoesNotChangeTheTerminal() throws Exception {
        String hostile = "\u001b]52;c;eA==\u0007\u001b[2J\u009b1m\u202eb\u2028c\rd\te\r\n" + "x".repeat(300) + "\r\n";
        try (OneMessageServer peer = new OneMessageServer(hostile);
                PipedOutputStream keyboard = new PipedOutputStream()) {
            CliRun connect = CliRun.reading(new PipedInputStream(keyboard), "connect", "127.0.0.1", peer.port());

            assertThat(connect.status()).as(connect.err()).isZero();
            assertThat(connect.out().lines())
                    .containsExactly(
                            "\\u001B]52;c;eA==\\u0007\\u001B[2J\\u009B1m\\u202Eb\\u2028c\\u000Dd\te", "x".repeat(300));
        }
    }

    @Test
    void aLineOfMoreThanAMebibyteIsAnErrorThatNamesTheLimit() throws Exception {
        try (OneMessageServer peer = new OneMessageServer("x".repeat(1024 * 1024 + 1) + "\n");
                PipedOutputStream keyboard = new PipedOutputStream()) {
            CliRun connect = CliRun.reading(new PipedInputStream(keyboard), "connect", "127.0.0.1", peer.port());

            assertThat(connect.status()).isEqualTo(1);
            assertThat(connect.err()).contains("keepalive: ", "1048576").doesNotContain("\tat ");
        }
    }

    @Test
    void refusedConnectionIsPrintedWithPhaseAndNumber() throws Exception {
        CliRun connect = CliRun.run("connect", "127.0.0.1", String.valueOf(closedPort()));

        assertThat(connect.status()).isEqualTo(1);
        assertThat(connect.err().lines())
                .containsExactly(
                        "Connection is in progress.",
                        "Connection could not be established: connect error 111: Connection refused");
        assertThat(connect.out()).isEmpty();
    }

    @Test
    void stackTraceIsPrintedWhenAskedFor() throws Exception {
        String port = String.valueOf(closedPort());

        assertThat(CliRun.run("connect", "127.0.0.1", port).err()).doesNotContain("\tat ");
        assertThat(CliRun.run("-v", "connect", "127.0.0.1", port).err()).contains("AcquireException", "\tat ");
        assertThat(CliRun.run("connect", "-v", "127.0.0.1", port).err()).contains("AcquireException", "\tat ");
    }

    @Test
    void nameThatDoesNotResolveSaysSo() {
        CliRun connect = CliRun.run("connect", "--timeout", "20s", "no-such-host.invalid", "80");

        assertThat(connect.status()).isEqualTo(1);
        assertThat(connect.err()).containsPattern("Connection could not be established: resolve error -[23]: ");
    }

    @Test
    void timeoutThatEndsBeforeTheDialIsATimeout() throws Exception {
        try (LineServer server = LineServer.start()) {
            CliRun connect = CliRun.run("connect", "--timeout", "0.000000001", "127.0.0.1", port(server));

            assertThat(connect.status()).isEqualTo(1);
            assertThat(connect.err()).contains(" error 110: ");
        }
    }

    @Test
    void certificateOfAnotherNameIsPrintedWithPhaseAndNoStackTrace() throws Exception {
        try (HttpTestServer server = HttpTestServer.https(TestCertificates.serverOf("other.test"))) {
            CliRun connect = CliRun.run(
                    "connect",
                    "--scheme",
                    "https",
                    "--cacert",
                    TestCertificates.authorityFile(),
                    "127.0.0.1",
                    "" + server.port());

            assertThat(connect.status()).isEqualTo(1);
            assertThat(connect.err())
                    .contains("Connection could not be established: tls error 0: ")
                    .contains("127.0.0.1")
                    .doesNotContain("\tat ");
        }
    }

    @Test
    void connectSpeaksTlsWhenTheSchemeIsHttps() throws Exception {
        try (HttpTestServer server = HttpTestServer.https(TestCertificates.serverOf("127.0.0.1"))) {
            CliRun connect = CliRun.typing(
                    "GET /close HTTP/1.1\nHost: x\n\n",
                    "connect",
                    "--scheme",
                    "HTTPS",
                    "--cacert",
                    TestCertificates.authorityFile(),
                    "127.0.0.1",
                    "" + server.port());

            assertThat(connect.status()).as(connect.err()).isZero();
            assertThat(connect.out().toLowerCase(Locale.ROOT))
                    .contains("http/1.1 200 ok", "connection: close", "hello");
        }
    }

    private static String port(LineServer server) {
        return String.valueOf(server.port());
    }

    static int closedPort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 0, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    /** Sends a message to its first client, then closes its sending side. */
    static final class OneMessageServer implements AutoCloseable {
        private final ServerSocket listening = new ServerSocket(0, 0, InetAddress.getByName("127.0.0.1"));

        OneMessageServer(String words) throws Exception {
            CompletableFuture.runAsync(() -> send(words));
        }

        String port() {
            return String.valueOf(listening.getLocalPort());
        }

        private void send(String words) {
            try (Socket socket = listening.accept();
                    OutputStream out = socket.getOutputStream();
                    InputStream in = socket.getInputStream()) {
                out.write(words.getBytes(StandardCharsets.UTF_8));
                socket.shutdownOutput();
                in.readAllBytes();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void close() throws Exception {
            listening.close();
        }
    }
}
