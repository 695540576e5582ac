package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Under which endpoints a connection can be released depends on what was verified when it was opened. */
class RekeyTest {
    @Test
    void aPlaintextConnectionCanBeReleasedAsAnyPlaintextEndpointButNotWithTls() throws Exception {
        try (ScriptedServer server = ScriptedServer.start();
                ConnectionManager<NettyConnection> manager =
                        ConnectionManager.builder(NettyConnector.create()).build()) {
            Endpoint endpoint = Endpoint.of("test", "127.0.0.1", server.port());
            Endpoint tunnel = endpoint.withTarget(Endpoint.of("test", "elsewhere", 7));
            Lease<NettyConnection> lease = manager.blocking().acquire(endpoint);
            server.accept();
            assertThatThrownBy(() -> lease.releaseAs(endpoint.withTls()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(endpoint.withTls().toString())
                    .hasMessageContaining("was opened for " + endpoint);
            assertThat(lease.releaseAs(tunnel)).isTrue();

            assertThat(manager.tryAcquire(endpoint)).isNull();
            Lease<NettyConnection> next = manager.blocking().acquire(tunnel);
            assertThat(next.origin()).isNotEqualTo(LeaseOrigin.NEW);
            assertThat(next.uses()).isEqualTo(2);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void aPlaintextConnectionIsNeverBelievedToLeadToAnotherSocketOrThroughAnotherProxy() throws Exception {
        try (ScriptedServer server = ScriptedServer.start();
                ConnectionManager<NettyConnection> manager =
                        ConnectionManager.builder(NettyConnector.create()).build()) {
            Endpoint endpoint = Endpoint.of("test", "127.0.0.1", server.port());
            Endpoint proxy = Endpoint.of("http", "127.0.0.1", 3128);
            Lease<NettyConnection> lease = manager.blocking().acquire(endpoint);
            server.accept();
            List<Endpoint> others = List.of(
                    Endpoint.of("test", "bank.example", server.port()),
                    Endpoint.of("test", "bank.example", server.port()).withTarget(endpoint),
                    Endpoint.of("test", "127.0.0.1", server.port() == 1 ? 2 : server.port() - 1),
                    Endpoint.unix("test", Path.of("/run/bank.socket")),
                    endpoint.withProxy(proxy),
                    endpoint.withLocalAddress(InetAddress.getLoopbackAddress()));
            for (Endpoint other : others) {
                assertThatThrownBy(() -> lease.releaseAs(other))
                        .as(other.toString())
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(other.toString())
                        .hasMessageContaining("the connection leads to " + endpoint);
            }
            Endpoint upgraded = Endpoint.of("other", "127.0.0.1", server.port()).withOwner("me");
            assertThat(lease.releaseAs(upgraded))
                    .as("another protocol on the same socket")
                    .isTrue();
        }
    }

    @Test
    void aConnectionThroughAProxyIsNeverBelievedToGoThroughAnotherOrNone() throws Exception {
        try (ScriptedServer proxyServer = ScriptedServer.start();
                ConnectionManager<NettyConnection> manager =
                        ConnectionManager.builder(NettyConnector.create()).build()) {
            Endpoint proxy = Endpoint.of("http", "127.0.0.1", proxyServer.port());
            Endpoint target = Endpoint.of("test", "target.test", 7);
            CompletableFuture<Lease<NettyConnection>> acquired = manager.acquire(target.withProxy(proxy));
            ScriptedServer.Peer peer = proxyServer.accept();
            peer.readLine();
            peer.send("HTTP/1.1 200 OK\r\n\r\n");
            Lease<NettyConnection> lease = acquired.get(20, TimeUnit.SECONDS);
            for (Endpoint other : List.of(
                    target,
                    target.withProxy(proxy.withCredentials("me")),
                    target.withProxy(Endpoint.of("http", "localhost", proxyServer.port())),
                    target.withProxy(proxy.withProxy(proxy)))) {
                assertThatThrownBy(() -> lease.releaseAs(other))
                        .as(other.toString())
                        .isInstanceOf(IllegalArgumentException.class);
            }
            lease.invalidate();
        }
    }

    @Test
    void aTlsConnectionCannotBeReleasedAsAnEndpointThatNeedsAnotherHandshake() throws Exception {
        NettyConnectorBuilder options = NettyConnector.builder()
                .resolver(new FakeResolver().name(Certificates.NAME, "127.0.0.1"))
                .tls(Certificates.clientContext())
                .identity("me", Certificates.clientContext());
        try (TlsServer server = new TlsServer();
                ConnectionManager<NettyConnection> manager =
                        ConnectionManager.builder(options.build()).build()) {
            Endpoint endpoint = server.endpoint();
            Lease<NettyConnection> lease = manager.blocking().acquire(endpoint);
            Endpoint plaintext = Endpoint.of("test", endpoint.host(), endpoint.port());
            List<Endpoint> others = List.of(
                    plaintext,
                    Endpoint.of("https", endpoint.host(), endpoint.port() + 1),
                    Endpoint.of("https", "127.0.0.1", endpoint.port()),
                    endpoint.withTls("other.test"),
                    endpoint.withIdentity("me"),
                    endpoint.withProtocols("h2"));
            for (Endpoint other : others) {
                assertThatThrownBy(() -> lease.releaseAs(other))
                        .as(other.toString())
                        .isInstanceOf(IllegalArgumentException.class);
            }
            assertThat(lease.releaseAs(endpoint.withOwner("me"))).isTrue();
            assertThat(manager.tryAcquire(endpoint)).isNull();
            assertThat(manager.blocking().acquire(endpoint.withOwner("me")).uses())
                    .isEqualTo(2);
        }
    }
}
