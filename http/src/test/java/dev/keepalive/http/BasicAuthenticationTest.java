package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is sent after a demand for credentials, and what at once. */
@Timeout(60)
class BasicAuthenticationTest {
    private static final String GOOD = "Authorization: Basic " + base64("user:secret", StandardCharsets.UTF_8) + "\r\n";

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<KeepaliveHttpClient> clients = new ArrayList<>();
    private final List<String> paths = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        clients.forEach(KeepaliveHttpClient::close);
    }

    private static String base64(String text, Charset charset) {
        return Base64.getEncoder().encodeToString(text.getBytes(charset));
    }

    private KeepaliveHttpClient client(String password) {
        KeepaliveHttpClient client = KeepaliveHttpClient.newBuilder()
                .authenticator(new Authenticator() {
                    @Override
                    protected PasswordAuthentication getPasswordAuthentication() {
                        asked.add(getRequestorType() + " " + getRequestingHost() + " " + getRequestingPrompt() + " "
                                + getRequestingScheme() + " "
                                + getRequestingURL().getPath());
                        return password == null ? null : new PasswordAuthentication("user", password.toCharArray());
                    }
                })
                .build();
        clients.add(client);
        return client;
    }

    /** Demands credentials, and accepts only the good ones. */
    private ScriptedHttpServer server(String challenge) {
        return ScriptedHttpServer.start(connection -> {
            for (String head = connection.readHead(); head != null; head = connection.readHead()) {
                String body = connection.readBody(head);
                boolean good = head.contains(GOOD);
                paths.add(head.split(" ")[1] + (head.contains("Authorization") ? " with" : " without"));
                connection.send(
                        good
                                ? "HTTP/1.1 200 OK\r\nContent-Length: " + (2 + body.length()) + "\r\n\r\nok" + body
                                : "HTTP/1.1 401 No\r\n" + challenge + "Content-Length: 2\r\n\r\nno");
            }
        });
    }

    private static HttpRequest get(ScriptedHttpServer server, String path) {
        return HttpRequest.newBuilder(server.uri(path)).build();
    }

    @Test
    void theAuthenticatorIsAskedAndWhatWasAcceptedIsSentAtOnce() throws Exception {
        KeepaliveHttpClient client = client("secret");
        try (ScriptedHttpServer server = server("WWW-Authenticate: Basic realm=\"the realm\"\r\n")) {
            HttpResponse<String> first = client.send(get(server, "/in/side"), BodyHandlers.ofString());
            assertThat(first.body()).isEqualTo("ok");
            assertThat(first.previousResponse().orElseThrow().statusCode()).isEqualTo(401);
            client.send(get(server, "/in/other"), BodyHandlers.ofString());
            client.send(get(server, "/out"), BodyHandlers.ofString());

            assertThat(asked)
                    .containsExactly(
                            "SERVER 127.0.0.1 the realm basic /in/side", "SERVER 127.0.0.1 the realm basic /out");
            assertThat(paths)
                    .containsExactly(
                            "/in/side without", "/in/side with", "/in/other with", "/out without", "/out with");
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void aBodyIsSentAgainWithTheCredentials() throws Exception {
        try (ScriptedHttpServer server = server("WWW-Authenticate: Basic realm=\"r\"\r\n")) {
            HttpRequest post = HttpRequest.newBuilder(server.uri("/"))
                    .POST(BodyPublishers.ofString("body"))
                    .build();
            assertThat(client("secret").send(post, BodyHandlers.ofString()).body())
                    .isEqualTo("okbody");
        }
    }

    @Test
    void wrongCredentialsAreTriedThreeTimes() throws Exception {
        try (ScriptedHttpServer server = server("WWW-Authenticate: Basic realm=\"r\"\r\n")) {
            assertThatThrownBy(() -> client("wrong").send(get(server, "/"), BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("too many authentication attempts")
                    .hasMessageNotContaining("wrong");
            assertThat(asked).hasSize(3);
            assertThat(paths).hasSize(4);
        }
    }

    @Test
    void noCredentialsFailTheCall() throws Exception {
        try (ScriptedHttpServer server = server("WWW-Authenticate: Basic realm=\"r\"\r\n")) {
            assertThatThrownBy(() -> client(null).send(get(server, "/"), BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("No credentials provided");
        }
    }

    @Test
    void theResponseIsForTheProgramWhenNobodyCanAnswer() throws Exception {
        try (ScriptedHttpServer none = server("");
                ScriptedHttpServer digest = server("WWW-Authenticate: Digest realm=\"r\"\r\n");
                ScriptedHttpServer basic = server("WWW-Authenticate: Basic realm=\"r\"\r\n");
                KeepaliveHttpClient plain = KeepaliveHttpClient.newHttpClient()) {
            KeepaliveHttpClient client = client("secret");
            HttpRequest own = HttpRequest.newBuilder(basic.uri("/"))
                    .header("authorization", "Basic b3du")
                    .build();

            assertThat(client.send(get(none, "/"), BodyHandlers.ofString()).statusCode())
                    .isEqualTo(401);
            assertThat(client.send(get(digest, "/"), BodyHandlers.ofString()).body())
                    .isEqualTo("no");
            assertThat(client.send(own, BodyHandlers.ofString()).statusCode()).isEqualTo(401);
            assertThat(plain.send(get(basic, "/"), BodyHandlers.ofString()).statusCode())
                    .isEqualTo(401);
            assertThat(asked).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "Basic realm=\"r\"|r|false",
                "basic realm=r|r|false",
                "BASIC realm=\"a \\\"b\\\" c\", charset=\"utf-8\"|a \"b\" c|true",
                "Digest realm=\"d\", nonce=\"x, Basic\", Basic realm=\"b\"|b|false",
                "Negotiate abc==, Basic realm=\"b\"|b|false",
                "Basic realm=\"b\", Digest realm=\"d\"|b|false",
                "Basic||false"
            })
    void aChallengeIsFoundAmongOthers(String value, String realm, boolean utf8) {
        assertThat(BasicChallenge.find(List.of("Bearer realm=\"x\"", value)))
                .isEqualTo(new BasicChallenge(realm == null ? "" : realm, utf8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {"Digest realm=\"Basic\"", "Basically realm=\"b\"", "realm=\"Basic\"", "\"Basic\""})
    void whatIsNoChallengeOfBasicIsNotFound(String value) {
        assertThat(BasicChallenge.find(List.of(value))).isNull();
    }
}
