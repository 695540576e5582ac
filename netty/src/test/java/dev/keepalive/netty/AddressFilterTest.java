package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Endpoint;
import dev.keepalive.spi.DialException;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A program refuses addresses, so that a name server or a user cannot lead it into a network of its own. */
class AddressFilterTest {
    private final ScriptedServer server = ScriptedServer.start();
    private final List<String> asked = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private ConnectorRig filteredBy(Predicate<InetAddress> filter) {
        return new ConnectorRig(NettyConnector.builder()
                .resolver(new FakeResolver()
                        .name("private.test", "127.0.0.1")
                        .name("mixed.test", "127.0.0.2", "127.0.0.1"))
                .addressFilter(address -> {
                    asked.add(address.getHostAddress());
                    return filter.test(address);
                }));
    }

    private void isRefused(ConnectorRig rig, Endpoint endpoint, String... named) throws Exception {
        DialException failure =
                rig.dial(endpoint, new RecordingEvents()).events().failure();
        assertThat(failure.errorNumber()).isEqualTo(13);
        assertThat(failure.text()).contains("addressFilter").contains(named);
        assertThat(server.connections()).isZero();
    }

    private Endpoint at(String host) {
        return Endpoint.of("test", host, server.port());
    }

    @Test
    void anAddressThatANameServerGaveIsRefused() throws Exception {
        try (ConnectorRig rig = filteredBy(address -> !address.isLoopbackAddress())) {
            isRefused(rig, at("private.test"), "127.0.0.1");
            assertThat(asked).containsExactly("127.0.0.1");
        }
    }

    @Test
    void anAddressInTheEndpointIsRefused() throws Exception {
        try (ConnectorRig rig = filteredBy(address -> !address.isLoopbackAddress())) {
            isRefused(rig, at("127.0.0.1"), "127.0.0.1");
            isRefused(rig, at("::1"), "0:0:0:0:0:0:0:1");
        }
    }

    @Test
    void aProxyIsRefusedAndSoIsAnAddressBehindIt() throws Exception {
        Endpoint proxy = Endpoint.of("http", "127.0.0.1", server.port());
        try (ConnectorRig rig = filteredBy(address -> !address.isLoopbackAddress())) {
            isRefused(rig, Endpoint.of("test", "192.0.2.1", 80).withProxy(proxy), "127.0.0.1");
        }
        try (ConnectorRig rig = filteredBy(InetAddress::isLoopbackAddress)) {
            isRefused(rig, Endpoint.of("test", "192.0.2.1", 80).withProxy(proxy), "behind the proxy");
        }
    }

    @Test
    void theOtherAddressesOfTheNameAreTried() throws Exception {
        try (ConnectorRig rig = filteredBy(address -> !address.getHostAddress().equals("127.0.0.2"))) {
            NettyLink link = rig.dial("test", "mixed.test", server.port()).link();
            assertThat(ConnectorRig.remoteOf(link).getAddress().getHostAddress())
                    .isEqualTo("127.0.0.1");
            assertThat(asked).containsExactly("127.0.0.2", "127.0.0.1");
        }
    }

    @Test
    void aFilterThatThrowsRefusesAndIsTheCause() throws Exception {
        RuntimeException thrown = new IllegalStateException("no list of networks");
        try (ConnectorRig rig = filteredBy(address -> {
            throw thrown;
        })) {
            DialException failure =
                    rig.dial(at("private.test"), new RecordingEvents()).events().failure();
            assertThat(failure).hasCause(thrown);
            assertThat(failure.errorNumber()).isEqualTo(13);
        }
    }
}
