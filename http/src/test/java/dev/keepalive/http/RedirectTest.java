package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which responses are followed, how, and with which fields. */
@Timeout(60)
class RedirectTest {
    private final EchoServer server = EchoServer.start();
    private final List<KeepaliveHttpClient> clients = new ArrayList<>();

    @AfterEach
    void close() {
        clients.forEach(KeepaliveHttpClient::close);
        server.close();
    }

    private KeepaliveHttpClient client(Redirect policy) {
        KeepaliveHttpClient client =
                KeepaliveHttpClient.newBuilder().followRedirects(policy).build();
        clients.add(client);
        return client;
    }

    private HttpResponse<String> send(Redirect policy, HttpRequest request) throws Exception {
        return client(policy).send(request, BodyHandlers.ofString());
    }

    @ParameterizedTest
    @CsvSource({
        "301,GET,GET",
        "301,POST,GET",
        "301,PUT,PUT",
        "301,HEAD,HEAD",
        "302,GET,GET",
        "302,POST,GET",
        "302,DELETE,DELETE",
        "303,GET,GET",
        "303,POST,GET",
        "303,PUT,GET",
        "303,HEAD,HEAD",
        "307,POST,POST",
        "307,PUT,PUT",
        "308,POST,POST",
        "308,GET,GET"
    })
    void theMethodIsThatOfRfc9110(int status, String method, String next) throws Exception {
        boolean bodiless = method.equals("GET") || method.equals("HEAD");
        HttpRequest request = HttpRequest.newBuilder(server.uri("/redirect/" + status + "?/target"))
                .method(method, bodiless ? BodyPublishers.noBody() : BodyPublishers.ofString("body"))
                .build();
        HttpResponse<String> response = send(Redirect.NORMAL, request);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(server.requests()).containsExactly(method + " /redirect/" + status + "?/target", next + " /target");
        assertThat(response.uri()).isEqualTo(server.uri("/target"));
        assertThat(response.request().method()).isEqualTo(next);
        HttpResponse<String> previous = response.previousResponse().orElseThrow();
        assertThat(previous.statusCode()).isEqualTo(status);
        assertThat(previous.uri().getPath()).isEqualTo("/redirect/" + status);
        assertThat(previous.body()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 304, 305, 306})
    void otherStatusesAreForTheProgram(int status) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(server.uri("/status/" + status)).build();

        assertThat(send(Redirect.ALWAYS, request).statusCode()).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "PUT"})
    void afterSeeOtherThereIsNoBody(String method) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(server.uri("/redirect/303?/target"))
                .method(method, BodyPublishers.ofString("body"))
                .header("Content-Type", "text/plain")
                .build();
        send(Redirect.NORMAL, request);

        assertThat(server.requests()).hasSize(2);
        assertThat(server.lastHeaders().keySet()).doesNotContain("Content-length", "Transfer-encoding", "Content-type");
    }

    @Test
    void aBodyIsSentAgainTo307() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(server.uri("/redirect/307?/echo"))
                .POST(BodyPublishers.ofString("the body"))
                .build();

        assertThat(send(Redirect.NORMAL, request).body()).isEqualTo("the body");
    }

    @Test
    void neverMeansNever() throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(server.uri("/redirect/302?/target")).build();

        assertThat(send(Redirect.NEVER, request).body()).isEqualTo("moved");
    }

    @Test
    void theConnectionIsUsedAgain() throws Exception {
        send(
                Redirect.NORMAL,
                HttpRequest.newBuilder(server.uri("/redirect/302?/target")).build());

        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void credentialsStayAtTheirOrigin() throws Exception {
        try (EchoServer other = EchoServer.start()) {
            HttpRequest request = HttpRequest.newBuilder(server.uri("/redirect/302?" + other.uri("/target")))
                    .header("Authorization", "secret")
                    .header("Cookie", "secret=1")
                    .header("X-Other", "kept")
                    .build();
            send(Redirect.ALWAYS, request);

            assertThat(other.lastHeaders().getFirst("Authorization")).isNull();
            assertThat(other.lastHeaders().getFirst("Cookie")).isNull();
            assertThat(other.lastHeaders().getFirst("X-Other")).isEqualTo("kept");
        }
    }

    @Test
    void credentialsGoToTheSameOrigin() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(server.uri("/redirect/302?/target"))
                .header("Authorization", "secret")
                .build();
        send(Redirect.NORMAL, request);

        assertThat(server.lastHeaders().getFirst("Authorization")).isEqualTo("secret");
    }

    @Test
    void whatDescribesTheBodyGoesWithTheBody() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(server.uri("/redirect/303?/target"))
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("body"))
                .build();
        send(Redirect.NORMAL, request);

        assertThat(server.lastHeaders().getFirst("Content-Type")).isNull();
        assertThat(server.lastHeaders().getFirst("Content-Length")).isNull();
    }

    @Test
    void aLoopEndsAtTheLimit() throws Exception {
        try (ScriptedHttpServer loop =
                ScriptedHttpServer.answering("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")) {
            HttpResponse<String> last =
                    send(Redirect.NORMAL, HttpRequest.newBuilder(loop.uri("/")).build());

            int redirects = 0;
            for (HttpResponse<String> each = last;
                    each.previousResponse().isPresent();
                    each = each.previousResponse().get()) {
                redirects++;
            }
            assertThat(redirects).isEqualTo(5);
            assertThat(last.statusCode()).isEqualTo(302);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Location: http://a b/\r\n",
                "Location: http://\r\n",
                "Location: http://user:password@127.0.0.1/\r\n"
            })
    void aLocationThatCannotBeFollowedFailsTheCall(String location) throws Exception {
        try (ScriptedHttpServer wrong =
                ScriptedHttpServer.answering("HTTP/1.1 302 Found\r\n" + location + "Content-Length: 0\r\n\r\n")) {
            HttpRequest request = HttpRequest.newBuilder(wrong.uri("/")).build();

            assertThatThrownBy(() -> send(Redirect.ALWAYS, request))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("Invalid redirection")
                    .hasMessageNotContaining("password");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://127.0.0.1/", "mailto:x"})
    void aRedirectToAnotherSchemeIsForTheProgram(String location) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(server.uri("/redirect/302?" + location)).build();

        assertThat(send(Redirect.ALWAYS, request).statusCode()).isEqualTo(302);
    }

    @Test
    void aRedirectThatIsCutOffIsFollowed() throws Exception {
        try (ScriptedHttpServer wrong = ScriptedHttpServer.start(connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 302 Found\r\nLocation: " + server.uri("/target")
                    + "\r\nContent-Length: 100\r\n\r\nmoved");
        })) {
            HttpRequest request = HttpRequest.newBuilder(wrong.uri("/")).build();

            assertThat(send(Redirect.NORMAL, request).body()).isEqualTo("GET /target");
        }
    }

    @Test
    void aLongBodyOfARedirectIsNotWaitedFor() throws Exception {
        try (ScriptedHttpServer endless = ScriptedHttpServer.start(connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 302 Found\r\nLocation: " + server.uri("/target")
                    + "\r\nContent-Length: 1000000000\r\n\r\n" + "x".repeat(100_000));
            connection.readAll();
        })) {
            HttpRequest request = HttpRequest.newBuilder(endless.uri("/")).build();

            assertThat(send(Redirect.NORMAL, request).body()).isEqualTo("GET /target");
        }
    }
}
