package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a connection may be released as depends on what was verified when it was opened. */
class RekeyTest {
    @Test
    void aPlaintextConnectionCanBeReleasedAsAnyPlaintextEndpointButNotWithTls() throws Exception {
        try (ScriptedServer server = ScriptedServer.start();
                ConnectionManager<NettyConnection> manager =
                        ConnectionManager.builder(NettyConnector.create()).build()) {
            Endpoint here = Endpoint.of("test", "127.0.0.1", server.port());
            Endpoint tunnel = here.withTarget(Endpoint.of("test", "elsewhere", 7));
            Lease<NettyConnection> lease = manager.blocking().acquire(here);
            server.accept();
            assertThatThrownBy(() -> lease.releaseAs(here.withTls()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(here.withTls().toString())
                    .hasMessageContaining("was opened for " + here);
            assertThat(lease.releaseAs(tunnel)).isTrue();

            assertThat(manager.tryAcquire(here)).isNull();
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
            Endpoint here = server.endpoint();
            Lease<NettyConnection> lease = manager.blocking().acquire(here);
            Endpoint clear = Endpoint.of("test", here.host(), here.port());
            List<Endpoint> others = List.of(
                    clear,
                    Endpoint.of("https", here.host(), here.port() + 1),
                    Endpoint.of("https", "127.0.0.1", here.port()),
                    here.withTls("other.test"),
                    here.withIdentity("me"),
                    here.withProtocols("h2"));
            for (Endpoint other : others) {
                assertThatThrownBy(() -> lease.releaseAs(other))
                        .as(other.toString())
                        .isInstanceOf(IllegalArgumentException.class);
            }
            assertThat(lease.releaseAs(here.withOwner("me"))).isTrue();
            assertThat(manager.tryAcquire(here)).isNull();
            assertThat(manager.blocking().acquire(here.withOwner("me")).uses()).isEqualTo(2);
        }
    }
}
