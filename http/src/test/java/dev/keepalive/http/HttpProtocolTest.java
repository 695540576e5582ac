package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.netty.NettyConnector;
import java.net.http.HttpClient;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Which protocol a connection speaks, and how many leases it is expected to take. */
class HttpProtocolTest {
    private static final int STREAMS = HttpOptions.DEFAULTS.maxStreams();

    private static Endpoint endpoint(int port, String... protocols) {
        return Endpoint.of("https", "127.0.0.1", port).withTls().withProtocols(protocols);
    }

    @Test
    void manyLeasesAreExpectedWhereHttp2IsOnOffer() {
        HttpProtocol protocol = new HttpProtocol(HttpOptions.DEFAULTS);
        assertThat(protocol.expectedLeases(endpoint(1, "h2", "http/1.1"))).isEqualTo(STREAMS);
        assertThat(protocol.expectedLeases(endpoint(1, "http/1.1"))).isEqualTo(1);
        assertThat(protocol.expectedLeases(Endpoint.of("http", "127.0.0.1", 1))).isEqualTo(1);
        assertThat(protocol.expectedLeases(Endpoint.of("h2c", "127.0.0.1", 1))).isEqualTo(STREAMS);
    }

    @Test
    void whatTheServerHasChosenIsExpectedNextTime() throws Exception {
        HttpProtocol protocol = new HttpProtocol(HttpOptions.DEFAULTS);
        try (ScriptedHttpServer server =
                        ScriptedHttpServer.startTls(TestTls.context(), connection -> connection.readAll(), "http/1.1");
                ConnectionManager<HttpConnection> manager = manager(protocol)) {
            Endpoint endpoint = endpoint(server.port(), "h2", "http/1.1");
            assertThat(versionOf(manager, endpoint)).isEqualTo(HttpClient.Version.HTTP_1_1);
            assertThat(protocol.expectedLeases(endpoint)).isEqualTo(1);
        }
        try (ScriptedHttpServer server = ScriptedHttpServer.startTls(
                        TestTls.context(),
                        connection -> Http2TestPeer.greet(connection).awaitEnd(),
                        "h2");
                ConnectionManager<HttpConnection> manager = manager(protocol)) {
            Endpoint endpoint = endpoint(server.port(), "h2", "http/1.1");
            assertThat(versionOf(manager, endpoint)).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(protocol.expectedLeases(endpoint)).isEqualTo(STREAMS);
        }
    }

    private static ConnectionManager<HttpConnection> manager(HttpProtocol protocol) {
        return ConnectionManager.builder(
                        NettyConnector.builder().tls(TestTls.client()).build(protocol))
                .build();
    }

    private static HttpClient.Version versionOf(ConnectionManager<HttpConnection> manager, Endpoint endpoint)
            throws Exception {
        var lease = manager.acquire(endpoint).get(Http2TestClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
        try (lease) {
            assertThat(lease.connection().tlsSession()).isNotNull();
            return lease.connection().version();
        }
    }

    @Test
    void aSetKeepsTheEndpointsThatWereLookedForLast() {
        EndpointSet set = new EndpointSet(3);
        for (int port = 1; port <= 3; port++) {
            set.add(endpoint(port));
        }
        assertThat(set.contains(endpoint(1))).isTrue();
        set.add(endpoint(4));
        assertThat(set.contains(endpoint(2))).isFalse();
        assertThat(set.contains(endpoint(1))).isTrue();
        assertThat(set.contains(endpoint(3))).isTrue();
        set.remove(endpoint(3));
        assertThat(set.contains(endpoint(3))).isFalse();
    }
}
