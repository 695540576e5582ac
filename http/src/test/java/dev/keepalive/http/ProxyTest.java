package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which proxies are asked, and how. */
@Timeout(60)
class ProxyTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /** Answers with the same proxies for every URI. */
    private static final class Selector extends ProxySelector {
        private final List<Proxy> proxies;
        final List<String> failed = new CopyOnWriteArrayList<>();

        Selector(List<Proxy> proxies) {
            this.proxies = proxies;
        }

        @Override
        public List<Proxy> select(URI uri) {
            return proxies;
        }

        @Override
        public void connectFailed(URI uri, SocketAddress address, IOException failure) {
            failed.add(uri + " " + address);
        }
    }

    private static KeepaliveHttpClient client(ProxySelector selector) {
        return KeepaliveHttpClient.newBuilder()
                .proxy(selector)
                .sslContext(TestTls.context())
                .build();
    }

    private static HttpResponse<String> get(KeepaliveHttpClient client, URI uri) throws Exception {
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    private static ScriptedHttpServer tlsServer() {
        return ScriptedHttpServer.startTls(
                TestTls.context(),
                connection -> {
                    while (connection.readHead() != null) {
                        connection.send(OK);
                    }
                },
                "http/1.1");
    }

    @Test
    void plainHttpIsAskedForByTheWholeUri() throws Exception {
        try (TunnelProxy proxy = new TunnelProxy("");
                KeepaliveHttpClient client = client(new Selector(List.of(proxy.of(Proxy.Type.HTTP))))) {
            assertThat(get(client, URI.create("http://no.such.host.invalid:81/p?q#f"))
                            .body())
                    .isEqualTo("GET http://no.such.host.invalid:81/p?q HTTP/1.1");
            assertThat(get(client, URI.create("http://other.invalid")).body())
                    .isEqualTo("GET http://other.invalid/ HTTP/1.1");
        }
    }

    @Test
    void httpsGoesThroughATunnelAndThePeerIsVerified() throws Exception {
        try (TunnelProxy proxy = new TunnelProxy("");
                ScriptedHttpServer server = tlsServer();
                KeepaliveHttpClient client = client(new Selector(List.of(proxy.of(Proxy.Type.HTTP))))) {
            assertThat(get(client, server.uri("/")).body()).isEqualTo("ok");
            assertThat(get(client, server.uri("/")).body()).isEqualTo("ok");
            assertThat(proxy.asked()).containsExactly("CONNECT 127.0.0.1:" + server.port() + " HTTP/1.1");
        }
    }

    @Test
    void socksIsUsedForBoth() throws Exception {
        try (TunnelProxy proxy = new TunnelProxy("");
                ScriptedHttpServer plain = ScriptedHttpServer.answering(OK);
                ScriptedHttpServer secure = tlsServer();
                KeepaliveHttpClient client = client(new Selector(List.of(proxy.of(Proxy.Type.SOCKS))))) {
            assertThat(get(client, plain.uri("/")).body()).isEqualTo("ok");
            assertThat(get(client, secure.uri("/")).body()).isEqualTo("ok");
            assertThat(proxy.asked())
                    .containsExactly("socks 127.0.0.1:" + plain.port(), "socks 127.0.0.1:" + secure.port());
        }
    }

    @Test
    void noAnswerAndDirectMeanNoProxy() throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.answering(OK);
                KeepaliveHttpClient none = client(new Selector(null));
                KeepaliveHttpClient empty = client(new Selector(List.of()));
                KeepaliveHttpClient direct = client(new Selector(List.of(Proxy.NO_PROXY)));
                KeepaliveHttpClient noProxy = client(HttpClient.Builder.NO_PROXY)) {
            for (KeepaliveHttpClient client : List.of(none, empty, direct, noProxy)) {
                assertThat(get(client, server.uri("/")).body()).isEqualTo("ok");
            }
        }
    }

    @Test
    void aProxyThatCannotBeReachedIsToldAndTheNextIsAsked() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = closed.getLocalPort();
        }
        Proxy dead = new Proxy(Proxy.Type.HTTP, new InetSocketAddress("127.0.0.1", port));
        URI uri = URI.create("http://somewhere.invalid/");
        try (TunnelProxy proxy = new TunnelProxy("")) {
            Selector both = new Selector(List.of(dead, proxy.of(Proxy.Type.HTTP)));
            try (KeepaliveHttpClient client = client(both)) {
                assertThat(get(client, uri).statusCode()).isEqualTo(200);
                assertThat(both.failed).containsExactly(uri + " " + dead.address());
            }
            Selector one = new Selector(List.of(dead));
            try (KeepaliveHttpClient client = client(one)) {
                assertThatThrownBy(() -> get(client, uri)).isInstanceOf(ConnectException.class);
                assertThat(one.failed).hasSize(1);
            }
        }
    }

    @Test
    void aProxyThatRefusesATunnelFailsTheCall() throws Exception {
        try (TunnelProxy proxy = new TunnelProxy("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
                ScriptedHttpServer server = tlsServer();
                KeepaliveHttpClient client = client(new Selector(List.of(proxy.of(Proxy.Type.HTTP))))) {
            assertThatThrownBy(() -> get(client, server.uri("/")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("403");
        }
    }

    @Test
    void aDemandForCredentialsOfATunnelIsForTheProgram() throws Exception {
        try (TunnelProxy proxy = new TunnelProxy(
                        "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n");
                ScriptedHttpServer server = tlsServer();
                KeepaliveHttpClient client = client(new Selector(List.of(proxy.of(Proxy.Type.HTTP))))) {
            HttpResponse<String> response = get(client, server.uri("/"));

            assertThat(response.statusCode()).isEqualTo(407);
            assertThat(response.headers().firstValue("Proxy-Authenticate")).contains("Basic realm=\"r\"");
            assertThat(response.body()).isEmpty();
        }
    }

    @Test
    void credentialsForTheProxyDoNotGoToTheServerBehindItsTunnel() throws Exception {
        List<String> heads = new CopyOnWriteArrayList<>();
        try (TunnelProxy proxy = new TunnelProxy("");
                ScriptedHttpServer server = ScriptedHttpServer.startTls(
                        TestTls.context(),
                        connection -> {
                            heads.add(connection.readHead());
                            connection.send(OK);
                        },
                        "http/1.1");
                KeepaliveHttpClient client = client(new Selector(List.of(proxy.of(Proxy.Type.HTTP))))) {
            HttpRequest request = HttpRequest.newBuilder(server.uri("/"))
                    .header("Proxy-Authorization", "Basic c2VjcmV0")
                    .build();
            client.send(request, BodyHandlers.discarding());

            assertThat(heads).singleElement().asString().doesNotContain("Authorization");
        }
    }
}
