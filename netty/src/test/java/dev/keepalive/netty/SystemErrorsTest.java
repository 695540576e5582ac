package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import io.netty.channel.ChannelException;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SystemErrorsTest {
    static Stream<Arguments> thrownErrors() {
        return Stream.of(
                connect(111, "Connection refused", new ConnectException("Connection refused: /127.0.0.1:9")),
                connect(
                        111,
                        "Connection refused",
                        new IOException("finishConnect(..) failed: Connection refused: /[::1]:9")),
                connect(110, "Connection timed out", new ConnectException("Connection timed out: a.test/192.0.2.1:80")),
                connect(
                        110,
                        "Connection timed out",
                        new ConnectTimeoutException("connection timed out after 7 ms: /192.0.2.1:80")),
                connect(110, "Connection timed out", new ConnectTimeoutException()),
                connect(113, "No route to host", new NoRouteToHostException("No route to host: /192.0.2.1:80")),
                connect(113, "No route to host", new NoRouteToHostException("Host is unreachable: /192.0.2.1:80")),
                connect(113, "No route to host", new NoRouteToHostException()),
                connect(101, "Network is unreachable", new SocketException("Network is unreachable: /192.0.2.1:80")),
                connect(100, "Network is down", new SocketException("Network is down")),
                connect(
                        99,
                        "Cannot assign requested address",
                        new BindException("Cannot assign requested address: /1.2.3.4:80")),
                connect(99, "Cannot assign requested address", new BindException("Can't assign requested address")),
                connect(98, "Address already in use", new BindException("Address already in use: bind")),
                connect(
                        97,
                        "Address family not supported by protocol",
                        new SocketException("Protocol family unavailable")),
                connect(
                        24,
                        "Too many open files",
                        new ChannelException("Failed to open a socket.", new SocketException("Too many open files"))),
                connect(23, "Too many open files in system", new SocketException("Too many open files in system")),
                connect(
                        105,
                        "No buffer space available",
                        new SocketException("No buffer space available (maximum reached?)")),
                connect(104, "Connection reset by peer", new SocketException("Connection reset")),
                connect(
                        103,
                        "Software caused connection abort",
                        new SocketException("Software caused connection abort")),
                connect(32, "Broken pipe", new IOException("Broken pipe")),
                connect(2, "No such file or directory", new SocketException("No such file or directory: /run/s.sock")),
                connect(13, "Permission denied", new BindException("Permission denied: /192.0.2.1:80")),
                connect(1, "Operation not permitted", new SocketException("Operation not permitted")),
                connect(0, "something else", new IOException("something else")),
                connect(0, "ClosedChannelException", new ClosedChannelException()),
                tls(104, "Connection reset by peer", new SocketException("Connection reset")),
                tls(
                        0,
                        "Received fatal alert: handshake_failure",
                        new SSLHandshakeException("Received fatal alert: handshake_failure")),
                tls(0, "the peer closed the connection during the handshake", new ClosedChannelException()));
    }

    private static Arguments connect(int number, String text, Throwable thrown) {
        return Arguments.of(Phase.CONNECT, number, text, thrown);
    }

    private static Arguments tls(int number, String text, Throwable thrown) {
        return Arguments.of(Phase.TLS, number, text, thrown);
    }

    @ParameterizedTest
    @MethodSource("thrownErrors")
    void aThrownErrorIsMappedToTheSystemsNumberAndText(Phase phase, int number, String text, Throwable thrown) {
        DialException error = SystemErrors.of(phase, thrown);

        assertThat(error.errorNumber()).isEqualTo(number);
        assertThat(error.text()).isEqualTo(text);
        assertThat(error.phase()).isEqualTo(phase);
        assertThat(error).hasCause(thrown);
    }

    @Test
    void anUnknownNameHasTheErrorNumberOfGetaddrinfo() {
        DialException error = SystemErrors.of(Phase.RESOLVE, new UnknownHostException("no.test"));

        assertThat(error.errorNumber()).isEqualTo(-2);
        assertThat(error.text()).isEqualTo("Name or service not known");
    }

    @Test
    void theTextOfAnExpiredCertificateHasItsDate() {
        CertificateExpiredException root = new CertificateExpiredException("NotAfter: Thu Jan 02 00:00:00 UTC 2020");
        Exception path = new CertPathValidatorException("validity check failed", root);
        Exception certificate = new CertificateException("PKIX path validation failed: validity check failed", path);
        SSLHandshakeException handshake = new SSLHandshakeException("(certificate_expired) PKIX");
        handshake.initCause(certificate);

        DialException error = SystemErrors.of(Phase.TLS, new DecoderException(handshake));

        assertThat(error.errorNumber()).isZero();
        assertThat(error.text())
                .isEqualTo(
                        "PKIX path validation failed: validity check failed: NotAfter: Thu Jan 02 00:00:00 UTC 2020");
    }

    @Test
    void aCertificateErrorThatMentionsConnectionsIsNotAnErrorOfTheSystem() {
        SSLHandshakeException handshake = new SSLHandshakeException("no match");
        handshake.initCause(
                new CertificateException("No subject alternative DNS name matching connection refused found."));

        DialException error = SystemErrors.of(Phase.TLS, handshake);

        assertThat(error.errorNumber()).isZero();
        assertThat(error.text()).contains("No subject alternative DNS name");
    }

    @Test
    void aCyclicChainOfCausesIsFollowedOnlyForSomeSteps() {
        IOException one = new IOException("one");
        IOException two = new IOException("two", one);
        one.initCause(two);

        assertThat(SystemErrors.of(Phase.CONNECT, one).text()).isEqualTo("one");
    }
}
