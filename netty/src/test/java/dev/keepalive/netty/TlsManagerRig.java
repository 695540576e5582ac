package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.testkit.LeakCheck;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;

/**
 * A test with a manager on real sockets, a plaintext server and a TLS server. Both servers count connections, and the
 * TLS server tells the identity of the client.
 */
abstract class TlsManagerRig extends SocketManagerRig {
    static final String UNTRUSTED_NAME = "bad.test";

    /** Has a valid certificate for {@link Certificates#NAME}, and a self-signed one for {@link #UNTRUSTED_NAME}. */
    final TlsServer tls;

    TlsManagerRig() {
        try {
            tls = new TlsServer(
                            Certificates.ofServer(Certificates.NAME, "other.test"),
                            Map.of(UNTRUSTED_NAME, Certificates.untrusted(UNTRUSTED_NAME)))
                    .requestingClientCertificate();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    LeakCheck<NettyConnection> leakCheck() {
        return super.leakCheck().countedBy("the servers", () -> server.open() + tls.open());
    }

    @Override
    @AfterEach
    void nothingIsLostOrLeftOpen() throws Exception {
        Closeables.closeAll(super::nothingIsLostOrLeftOpen, tls);
    }

    static NettyConnectorBuilder trustingConnector() throws Exception {
        return NettyConnector.builder()
                .resolver(new FakeResolver()
                        .name(Certificates.NAME, "127.0.0.1")
                        .name("other.test", "127.0.0.1")
                        .name(UNTRUSTED_NAME, "127.0.0.1"))
                .tls(Certificates.clientContext())
                .identity("alice", Certificates.clientAs("alice").build())
                .identity("bob", Certificates.clientAs("bob").build());
    }

    ConnectionManager<NettyConnection> newTrustingManager(int maxOpen, int maxOpenPerEndpoint) throws Exception {
        return newTrustingManager(maxOpen, maxOpenPerEndpoint, options -> options);
    }

    ConnectionManager<NettyConnection> newTrustingManager(
            int maxOpen, int maxOpenPerEndpoint, UnaryOperator<ManagerBuilder<NettyConnection>> options)
            throws Exception {
        return manager(trustingConnector(), maxOpen, maxOpenPerEndpoint, options);
    }

    Lease<NettyConnection> acquired(Endpoint from) throws Exception {
        return got(manager.acquire(from));
    }

    /** Sends the question, waits for the answer, and releases the lease. */
    static String answer(Lease<NettyConnection> lease, String question) throws Exception {
        RecordingListener<String> answers = new RecordingListener<>();
        lease.connection().start(answers).send(question);
        String answer = answers.next();
        assertThat(lease.release()).isTrue();
        return answer;
    }

    /** Does the same on a connection to this endpoint. */
    String answer(Endpoint from, String question) throws Exception {
        return answer(acquired(from), question);
    }
}
