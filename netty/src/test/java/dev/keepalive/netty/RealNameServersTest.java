package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import dev.keepalive.testservers.TestServer;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** Names of both families, looked up with real name servers. */
class RealNameServersTest {
    @Test
    void bothFamiliesAreLookedUpAndTheAddressThatConnectsIsUsed() throws Exception {
        try (TestServer names = TestServer.dnsmasq(
                        "--local=/test/", "--host-record=both.test,127.0.0.1,fd00::1", "--local-ttl=60");
                ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(connectorWith(names))) {
            RecordingEvents events = rig.dial("test", "both.test", server.port());

            assertThat(ConnectorRig.remoteOf(events.link()).getAddress().getHostAddress())
                    .isEqualTo("127.0.0.1");
            assertThat(events.phases).containsExactly(Phase.RESOLVE, Phase.CONNECT);
            assertThat(names.log()).contains("query[A] both.test").contains("query[AAAA] both.test");
        }
    }

    @Test
    void anAnswerIsCachedForItsTimeToLive() throws Exception {
        try (TestServer names =
                        TestServer.dnsmasq("--local=/test/", "--host-record=a.test,127.0.0.1", "--local-ttl=60");
                ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(connectorWith(names))) {
            for (int i = 0; i < 5; i++) {
                rig.dial("test", "a.test", server.port()).link();
            }

            assertThat(names.log().split("query\\[A\\] a\\.test", -1)).hasSize(2);
            assertThat(names.log().split("query\\[AAAA\\] a\\.test", -1))
                    .as("the answer that there is no IPv6 address is cached too")
                    .hasSize(2);
        }
    }

    @Test
    void ofSeveralAddressesTheFirstThatConnectsIsUsed() throws Exception {
        try (TestServer names = TestServer.unbound(
                        "local-data: \"many.test. 60 IN A 127.0.0.2\"",
                        "local-data: \"many.test. 60 IN A 127.0.0.3\"",
                        "local-data: \"many.test. 60 IN A 127.0.0.4\"");
                ScriptedServer server = ScriptedServer.start("127.0.0.3", 0);
                ConnectorRig rig = new ConnectorRig(connectorWith(names))) {
            RecordingEvents events = rig.dial("test", "many.test", server.port());

            assertThat(ConnectorRig.remoteOf(events.link()).getAddress().getHostAddress())
                    .isEqualTo("127.0.0.3");
        }
    }

    @Test
    void anUnknownNameIsReportedAsUnknownForBothFamilies() throws Exception {
        try (TestServer names = TestServer.unbound("local-data: \"a.test. 60 IN A 127.0.0.2\"");
                ConnectorRig rig = new ConnectorRig(connectorWith(names))) {
            DialException failure = rig.dial("test", "unknown.test", 9).failure();

            assertThat(failure.phase()).isEqualTo(Phase.RESOLVE);
            assertThat(failure.errorNumber()).isEqualTo(-2);
            assertThat(failure.getSuppressed()).hasSize(1);
        }
    }

    private static NettyConnectorBuilder connectorWith(TestServer names) {
        ResolverSettings settings = ResolverSettings.of(new InetSocketAddress("127.0.0.1", names.port()));
        return NettyConnector.builder()
                .nameLookup(HostNameResolver.byDns(
                        Transport.best(), () -> HostsFile.EMPTY, () -> settings, () -> true, Long.MAX_VALUE));
    }
}
