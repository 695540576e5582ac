package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import java.util.List;
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
