package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The credentials with which a proxy is asked for a tunnel. */
@Timeout(60)
class TunnelCredentialsTest {
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final ConnectProxy proxy = new ConnectProxy();
    private final ScriptedHttpServer server = server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

    TunnelCredentialsTest() throws IOException {}

    @AfterEach
    void close() throws IOException {
        server.close();
        proxy.close();
    }

    private ScriptedHttpServer server(String answer) {
        return ScriptedHttpServer.startTls(
                TestTls.context(),
                connection -> {
                    for (String head = connection.readHead(); head != null; head = connection.readHead()) {
                        heads.add(head);
                        connection.send(answer);
                    }
                },
                "http/1.1");
    }

    /** Answers with the same proxies for every URI. */
    private static ProxySelector selecting(Proxy... proxies) {
        return new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                return List.of(proxies);
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
        };
    }

    private KeepaliveHttpClient client(String password, Proxy... proxies) {
        return KeepaliveHttpClient.newBuilder()
                .proxy(selecting(proxies))
                .sslContext(TestTls.context())
                .authenticator(new Authenticator() {
                    @Override
                    protected PasswordAuthentication getPasswordAuthentication() {
                        asked.add(getRequestorType() + " " + getRequestingHost() + ":" + getRequestingPort() + " "
                                + getRequestingPrompt());
                        String each = password.equals("wrong") ? password + asked.size() : password;
                        return new PasswordAuthentication("user", each.toCharArray());
                    }
                })
                .build();
    }

    private static HttpResponse<String> get(KeepaliveHttpClient client, URI uri) throws Exception {
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    private String connect(ScriptedHttpServer to) {
        return "CONNECT 127.0.0.1:" + to.port() + " HTTP/1.1";
    }

    @Test
    void theAuthenticatorIsAskedOnceAndTheTunnelIsUsedAgain() throws Exception {
        proxy.password(true);
        try (KeepaliveHttpClient client = client("secret", proxy.asProxy());
                ScriptedHttpServer other = server("HTTP/1.1 204 No Content\r\n\r\n")) {
            HttpResponse<String> response = get(client, server.uri("/"));

            assertThat(response.body()).isEqualTo("ok");
            assertThat(response.previousResponse().orElseThrow().statusCode()).isEqualTo(407);
            assertThat(get(client, server.uri("/")).body()).isEqualTo("ok");
            assertThat(get(client, other.uri("/")).statusCode()).isEqualTo(204);
            assertThat(asked).containsExactly("PROXY 127.0.0.1:" + proxy.port() + " proxy");
            assertThat(proxy.takeSeen())
                    .containsExactly(connect(server), connect(server) + " authorized", connect(other) + " authorized");
            assertThat(heads).hasSize(3).noneMatch(head -> head.contains("Authorization"));
        }
    }

    @Test
    void wrongCredentialsAreTriedAFewTimes() throws Exception {
        proxy.password(true);
        try (KeepaliveHttpClient client = client("wrong", proxy.asProxy())) {
            assertThatThrownBy(() -> get(client, server.uri("/")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("3 were refused with status 407")
                    .hasMessageNotContaining("wrong");

            assertThat(asked).hasSize(3);
            assertThat(proxy.takeSeen()).hasSize(4);
        }
    }

    @Test
    void aChallengeBetweenOthersIsFound() throws Exception {
        proxy.password(true);
        proxy.challenge("Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: Basic realm=\"one, two\"\r\n"
                + "Proxy-Authenticate: NTLM\r\n");
        try (KeepaliveHttpClient client = client("secret", proxy.asProxy())) {
            assertThat(get(client, server.uri("/")).body()).isEqualTo("ok");
            assertThat(asked).containsExactly("PROXY 127.0.0.1:" + proxy.port() + " one, two");
        }
    }

    @Test
    void aTunnelServesOnlyRequestsWithItsCredentials() throws Exception {
        try (KeepaliveHttpClient client = client("secret", proxy.asProxy())) {
            for (String each : List.of("Basic b25lOjE=", "Basic dHdvOjI=", "", "Basic b25lOjE=")) {
                HttpRequest.Builder request = HttpRequest.newBuilder(server.uri("/"));
                if (!each.isEmpty()) {
                    request.header("Proxy-Authorization", each);
                }
                assertThat(client.send(request.build(), BodyHandlers.ofString()).body())
                        .isEqualTo("ok");
            }

            assertThat(proxy.takeSeen())
                    .containsExactly(
                            connect(server) + " with Basic b25lOjE=",
                            connect(server) + " with Basic dHdvOjI=",
                            connect(server));
            assertThat(heads).hasSize(4).noneMatch(head -> head.contains("Authorization"));
            assertThat(client.connections().snapshot().toString()).doesNotContain("b25lOjE");
        }
    }

    @Test
    void aRequestThatBringsCredentialsIsAnsweredByTheProxy() throws Exception {
        proxy.password(true);
        try (KeepaliveHttpClient client = client("secret", proxy.asProxy())) {
            HttpRequest request = HttpRequest.newBuilder(server.uri("/"))
                    .header("Proxy-Authorization", "Basic b25lOjE=")
                    .build();

            assertThat(client.send(request, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(407);
            assertThat(asked).isEmpty();
        }
    }

    @Test
    void aServerBehindATunnelGetsNoCredentialsForTheProxy() throws Exception {
        proxy.password(true);
        try (KeepaliveHttpClient client = client("secret", proxy.asProxy());
                ScriptedHttpServer curious = server("HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"server\"\r\n"
                        + "Content-Length: 0\r\n\r\n")) {
            assertThat(get(client, curious.uri("/")).statusCode()).isEqualTo(407);

            assertThat(asked).containsExactly("PROXY 127.0.0.1:" + proxy.port() + " proxy");
            assertThat(heads).singleElement().asString().doesNotContain("Authorization");
        }
    }

    @Test
    void theNextProxyDoesNotGetTheCredentialsOfTheOneBefore() throws Exception {
        proxy.password(true);
        try (ConnectProxy second = new ConnectProxy();
                KeepaliveHttpClient client = client("secret", proxy.asProxy(), second.asProxy());
                ScriptedHttpServer other = server("HTTP/1.1 204 No Content\r\n\r\n")) {
            get(client, server.uri("/"));
            proxy.close();

            assertThat(get(client, other.uri("/")).statusCode()).isEqualTo(204);
            assertThat(second.takeSeen()).containsExactly(connect(other));
        }
    }
}
