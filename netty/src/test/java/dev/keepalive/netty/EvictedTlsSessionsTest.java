package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.Endpoint;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An eviction ends what old handshakes have proved: the next handshake is a full one, which asks the trust manager and
 * shows the client certificate of now. The server tells the certificate that it knows, which is that of the first
 * handshake if a session is resumed.
 */
class EvictedTlsSessionsTest extends TlsManagerRig {
    private final ChangingTls client = new ChangingTls();

    @ParameterizedTest
    @CsvSource({"TLSv1.3, netty", "TLSv1.2, netty", "TLSv1.3, jdk", "TLSv1.2, jdk"})
    @Tag("E19")
    void theNextHandshakeVerifiesThePeerAndShowsTheNewCertificate(String version, String madeBy) throws Exception {
        start(madeBy.equals("jdk") ? client.ofJdk(version) : client.ofNetty(version));
        Endpoint endpoint = tls.endpoint();
        assertThat(answer(endpoint, "subject")).isEqualTo("CN=alice");

        client.rotateTo("bob");
        closeConnection(endpoint);
        assertThat(answer(endpoint, "subject")).as("a resumed session").isEqualTo("CN=alice");
        assertThat(client.checks).hasValue(1);

        manager.evict(any -> true);
        assertThat(answer(endpoint, "subject")).isEqualTo("CN=bob");
        assertThat(client.checks).hasValue(2);

        client.rotateTo("carol");
        closeConnection(endpoint);
        await().until(() -> manager.snapshot().endpoints().isEmpty());
        manager.evict(any -> true);
        assertThat(answer(endpoint, "subject"))
                .as("though no connection was open when it was evicted")
                .isEqualTo("CN=carol");

        client.withdrawTrust();
        manager.evict(endpoint::equals);
        AcquireException failure = failed(manager.acquire(endpoint));
        assertThat(failure).hasStackTraceContaining("trust was withdrawn");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    @Tag("E19")
    void sessionsWithAProxyAreForgottenWithTheEndpointsBehindIt(String version) throws Exception {
        start(connector -> connector.proxyTls(client.ofNetty(version)));
        Endpoint proxy = tls.endpoint();
        Endpoint one = Endpoint.of("lines", "one.test", 1).withProxy(proxy);
        Endpoint two = Endpoint.of("lines", "two.test", 1).withProxy(proxy);
        assertThat(answer(one, "subject")).isEqualTo("CN=alice");

        client.rotateTo("bob");
        manager.evict(two::equals);
        assertThat(answer(two, "subject")).as("a resumed session").isEqualTo("CN=alice");

        manager.evict(one::equals);
        assertThat(answer(one, "subject")).isEqualTo("CN=bob");

        client.rotateTo("carol");
        closeConnection(one);
        assertThat(answer(one, "subject")).as("a resumed session").isEqualTo("CN=bob");
        manager.evict(proxy::equals);
        closeConnection(one);
        assertThat(answer(one, "subject")).isEqualTo("CN=carol");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    @Tag("E19")
    void sessionsOfStartTlsAreForgottenWithTheEndpointThatWasUpgraded(String version) throws Exception {
        Endpoint plain = Endpoint.of("lines", "127.0.0.1", tls.port());
        Endpoint upgraded = plain.withTls(Certificates.NAME);
        manager = manager(
                connector().tls(client.ofNetty(version)),
                8,
                1,
                options -> options.setup((connection, endpoint) -> endpoint.equals(plain)
                        ? connection.startTls(upgraded)
                        : CompletableFuture.completedFuture(null)));
        assertThat(answer(plain, "subject")).isEqualTo("CN=alice");

        client.rotateTo("bob");
        closeConnection(plain);
        assertThat(answer(plain, "subject")).as("a resumed session").isEqualTo("CN=alice");
        manager.evict(plain::equals);
        assertThat(answer(plain, "subject")).isEqualTo("CN=bob");

        client.rotateTo("carol");
        manager.evict(upgraded::equals);
        closeConnection(plain);
        assertThat(answer(plain, "subject")).isEqualTo("CN=carol");
    }

    // ---- helpers

    private interface Options {
        NettyConnectorBuilder of(NettyConnectorBuilder connector) throws Exception;
    }

    private void start(SslContext settings) throws Exception {
        start(connector -> connector.tls(settings));
    }

    private void start(Options options) throws Exception {
        manager = manager(options.of(connector()), 8, 1, UnaryOperator.identity());
    }

    private static NettyConnectorBuilder connector() {
        return NettyConnector.builder().resolver(new FakeResolver().name(Certificates.NAME, "127.0.0.1"));
    }

    private void closeConnection(Endpoint endpoint) throws Exception {
        acquired(endpoint).invalidate();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> !manager.snapshot().endpoints().containsKey(endpoint));
    }
}
