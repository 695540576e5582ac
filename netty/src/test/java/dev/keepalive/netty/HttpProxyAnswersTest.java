package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.keepalive.Endpoint;
import dev.keepalive.spi.DialException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in which an HTTP proxy may answer. */
class HttpProxyAnswersTest extends ProxyAnswersRig {
    private static final String CONNECTED = "HTTP/1.1 200 Connection established\r\n\r\n";

    static List<String> refusals() {
        return List.of(
                lines("HTTP/1.1 407 Authenticate", "Proxy-Authenticate: Basic", "Content-Length: 1000") + "body",
                lines("HTTP/1.1 407 Authenticate"),
                lines("HTTP/1.1 403 Forbidden", "Transfer-Encoding: chunked") + "5\r\nsorry",
                lines("HTTP/1.0 403"),
                lines("HTTP/1.1 302 Found", "Location: http://login.test/", "Content-Length: 9"),
                lines("HTTP/1.1 400 Bad Request", "no header"),
                lines("HTTP/1.1 502 Bad Gateway", "Connection: close"),
                lines("HTTP/1.1 101 Switching Protocols", "Upgrade: x"),
                lines("HTTP/1.1 100 Continue") + lines("HTTP/1.1 503 Unavailable"),
                "HTTP/1.1 504 Gateway Timeout\n\n",
                "HTTP/1.1 600 ?\n\n");
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void aRefusalFailsTheDialAsSoonAsItsHeadIsThere(String answer) throws Exception {
        RecordingEvents events = dialThrough(httpProxy);
        ScriptedServer.Peer peer = proxy.accept();
        head(peer);
        peer.send(answer);

        DialException failure = events.failure();

        assertNamesTheProxy(failure, httpProxy);
        String last = answer.substring(answer.lastIndexOf("HTTP/1."));
        assertThat(failure.text())
                .contains("answered \"" + last.lines().findFirst().orElseThrow() + "\"");
        assertThat(failure.errorNumber()).isZero();
        assertThat(peer.readAll()).isEmpty();
    }

    static List<String> agreements() {
        return List.of(
                CONNECTED,
                lines("HTTP/1.1 200 "),
                lines("HTTP/1.0 200"),
                lines("HTTP/1.1 204 No Content"),
                lines("HTTP/1.1 299 Fine", "Content-Length: 4"),
                lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Connection: close"),
                lines("HTTP/1.1 100 Continue") + lines("HTTP/1.1 102 Processing", "X: y") + CONNECTED,
                "HTTP/1.1 200 OK\nVia: x\n\n",
                lines("HTTP/1.1 200 OK", "X: " + "y".repeat(30_000)));
    }

    @ParameterizedTest
    @MethodSource("agreements")
    void anAgreementOpensTheConnectionAndWhatFollowsItIsTheTargets(String answer) throws Exception {
        RecordingEvents events = dialThrough(httpProxy);
        events.leased = true;
        ScriptedServer.Peer peer = proxy.accept();
        assertThat(head(peer)).containsExactly("CONNECT target.test:81 HTTP/1.1", "Host: target.test:81");
        peer.send(answer + "220 hello\r\n");

        assertGreets(events);
    }

    @Test
    void anAnswerMayComeInPieces() throws Exception {
        RecordingEvents events = dialThrough(httpProxy);
        events.leased = true;
        ScriptedServer.Peer peer = proxy.accept();
        head(peer);
        for (char c : (lines("HTTP/1.1 100 Continue") + CONNECTED + "220 hello\r\n").toCharArray()) {
            peer.send(String.valueOf(c));
        }

        assertGreets(events);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SSH-2.0-x", "h", "HTTP/1.1 2x0 OK\r\n", "HTTP/1.1 20\r\n", "HTTP/x.1 200 OK\r\n"})
    void anAnswerThatIsNotHttpFailsTheDialAtOnce(String answer) throws Exception {
        RecordingEvents events = dialThrough(httpProxy);
        ScriptedServer.Peer peer = proxy.accept();
        head(peer);
        peer.send(answer);

        DialException failure = events.failure();

        assertNamesTheProxy(failure, httpProxy);
        assertThat(failure.text()).contains("\"" + answer.strip() + "\", which is not HTTP");
    }

    @Test
    void aHeadWithoutEndFailsTheDialAtItsLimit() throws Exception {
        RecordingEvents events = dialThrough(httpProxy);
        ScriptedServer.Peer peer = proxy.accept();
        head(peer);
        peer.send("HTTP/1.1 200 OK\r\nX: " + "y".repeat(65536));

        DialException failure = events.failure();

        assertNamesTheProxy(failure, httpProxy);
        assertThat(failure.text()).contains("more than 65536 bytes").hasSizeLessThan(500);
    }

    @Test
    void whatAProxySaysIsMadeVisibleAndCut() throws Exception {
        RecordingEvents events = dialThrough(httpProxy);
        ScriptedServer.Peer peer = proxy.accept();
        head(peer);
        peer.send("HTTP/1.1 503 \u001b]52;c;eA==\u0007" + "x".repeat(5000) + "\r\n\r\n");

        assertThat(events.failure().text())
                .contains("\\u001B]52;c;eA==\\u0007xxx")
                .hasSizeLessThan(500)
                .doesNotContain("\u001b", "\u0007");
    }

    @ParameterizedTest
    @CsvSource({"'', before it answered", "'HTTP/1.1 407 Auth', in the middle of its answer: \"HTTP/1.1 407 Auth\""})
    void aProxyThatClosesFailsTheDialWithWhatItHadSaid(String said, String expected) throws Exception {
        RecordingEvents events = dialThrough(httpProxy);
        ScriptedServer.Peer peer = proxy.accept();
        head(peer);
        peer.send(said).finish();

        DialException failure = events.failure();

        assertNamesTheProxy(failure, httpProxy);
        assertThat(failure.text()).endsWith("closed the connection " + expected);
        assertThat(failure.errorNumber()).isZero();
    }

    @Test
    void aResetByAProxyIsAnErrorOfTheSystemThatNamesTheProxy() throws Exception {
        for (Endpoint through : List.of(httpProxy, socksProxy)) {
            RecordingEvents events = dialThrough(through);
            ScriptedServer.Peer peer = proxy.accept();
            peer.readByte();
            peer.reset();

            DialException failure = events.failure();

            assertNamesTheProxy(failure, through);
            assertThat(failure.errorNumber()).isEqualTo(104);
        }
    }

    @Test
    void aRefusalOfAPortOtherThan443SaysWhatMayBeRefused() throws Exception {
        for (int port : List.of(80, 443)) {
            RecordingEvents events = rig.dial(
                            Endpoint.of("test", "target.test", port).withProxy(httpProxy), new RecordingEvents())
                    .events();
            ScriptedServer.Peer peer = proxy.accept();
            head(peer);
            peer.send(lines("HTTP/1.1 403 Forbidden"));

            assertThat(events.failure().text().contains("CONNECT to port 443 only"))
                    .isEqualTo(port == 80);
        }
    }

    @Test
    void userAndPasswordAreSentToAnHttpProxyInUtf8() throws Exception {
        RecordingEvents events = dialThrough(httpProxy.withCredentials("me"));
        ScriptedServer.Peer peer = proxy.accept();
        String both = Base64.getEncoder().encodeToString("müller:påss".getBytes(StandardCharsets.UTF_8));
        assertThat(head(peer)).contains("Proxy-Authorization: Basic " + both);
        peer.send(CONNECTED);
        events.link();
    }

    @Test
    void aFunctionSaysWhatIsSentForCredentials() throws Exception {
        Map<String, String> known = new ConcurrentHashMap<>(Map.of("token", "Bearer abc", "me", "Bearer not-asked"));
        try (ConnectorRig asking = new ConnectorRig(NettyConnector.builder()
                .credentials("me", "user", "secret")
                .proxyAuthorization(name -> null)
                .proxyAuthorization(known::get))) {
            for (String[] each : new String[][] {{"token", "Bearer abc"}, {"me", "Basic dXNlcjpzZWNyZXQ="}}) {
                RecordingEvents events = dialThrough(asking, httpProxy.withCredentials(each[0]));
                ScriptedServer.Peer peer = proxy.accept();
                assertThat(head(peer)).contains("Proxy-Authorization: " + each[1]);
                peer.send(CONNECTED);
                events.link();
            }
            known.put("token", "Bearer a\r\nX: b");

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> dialThrough(asking, httpProxy.withCredentials("token")))
                    .withMessage("the proxyAuthorization of credentials 'token' is not allowed: visible ASCII"
                            + " characters and spaces");
            for (Endpoint unknown : List.of(httpProxy.withCredentials("other"), socksProxy.withCredentials("token"))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> dialThrough(asking, unknown))
                        .withMessageContaining("this connector knows [me]");
            }
        }
    }

    @Test
    void theFailureHasAllChallenges() throws Exception {
        RecordingEvents events = dialThrough(httpProxy);
        ScriptedServer.Peer peer = proxy.accept();
        head(peer);
        peer.send(lines(
                "HTTP/1.1 407 Who",
                "Proxy-Authenticate: Negotiate",
                "Proxy-Authenticate: ",
                "proxy-authenticate: Basic realm=\"x\""));

        assertThat(events.failure().getCause()).isInstanceOfSatisfying(ProxyException.class, refusal -> {
            assertThat(refusal.status()).isEqualTo(407);
            assertThat(refusal.authenticate()).isEqualTo("Negotiate, Basic realm=\"x\"");
        });
    }

    @Test
    void aFailedHandshakeWithAProxyNamesTheProxy() throws Exception {
        Endpoint secure = Endpoint.of("https", "127.0.0.1", proxy.port());
        RecordingEvents events = dialThrough(secure);
        CompletableFuture<Void> peer = CompletableFuture.runAsync(() -> {
            try {
                proxy.accept().startTls(Certificates.good());
            } catch (IOException expected) {
                // The client does not trust the certificate.
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });

        DialException failure = events.failure();

        assertNamesTheProxy(failure, secure);
        assertThat(failure.text()).contains("certification path");
        peer.join();
    }
}
