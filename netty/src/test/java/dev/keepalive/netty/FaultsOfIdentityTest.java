package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Fault catalogue, part E: identities. The handshakes are real, and the server tells what it saw. */
@EnabledOnOs(OS.LINUX)
class FaultsOfIdentityTest extends TlsManagerRig {
    @Test
    @Tag("E04")
    void aVerifiedNameIsNoProofForAnotherNameAtTheSameAddress() throws Exception {
        newTrustingManager(4, 2);
        assertThat(answer(tls.endpoint(), "name")).isEqualTo("[" + Certificates.NAME + "]");
        for (Endpoint bad : List.of(
                Endpoint.of("https", UNTRUSTED_NAME, tls.port()),
                tls.endpoint().withTls(UNTRUSTED_NAME),
                Endpoint.of("https", "127.0.0.1", tls.port()).withTls(UNTRUSTED_NAME))) {
            var failure = failed(manager.acquire(bad));
            assertThat(failure.phase()).isEqualTo(Phase.TLS);
            assertThat(failure).hasMessageContaining("PKIX");
        }
        Lease<NettyConnection> good = acquired(tls.endpoint());
        assertThat(good.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        assertThat(answer(good, "name")).isEqualTo("[" + Certificates.NAME + "]");
        assertThat(tls.total()).isEqualTo(4);
    }

    @Test
    @Tag("E05")
    void eachClientCertificateHasConnectionsOfItsOwn() throws Exception {
        newTrustingManager(8, 2);
        Endpoint alice = tls.endpoint().withIdentity("alice");
        Endpoint bob = tls.endpoint().withIdentity("bob");
        for (int i = 0; i < 3; i++) {
            assertThat(answer(alice, "subject")).isEqualTo("CN=alice");
            assertThat(answer(bob, "subject")).isEqualTo("CN=bob");
            assertThat(answer(tls.endpoint(), "subject")).isEqualTo("none");
        }
        assertThat(tls.total()).isEqualTo(3);
    }

    @Test
    @Tag("E06")
    void connectionsOfAnIdentityThatTrustsEveryCertificateAreNotUsedByOthers() throws Exception {
        SslContext trustAll = SslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .build();
        manager(trustingConnector().identity("trustAll", trustAll), 4, 2, options -> options);
        Endpoint bad = Endpoint.of("https", UNTRUSTED_NAME, tls.port());
        // This identity does not verify the issuer of a certificate. The name in it is verified all the same.
        assertThat(answer(bad.withIdentity("trustAll"), "hello")).isEqualTo("hello");
        assertThat(failed(manager.acquire(bad))).hasMessageContaining("PKIX");
        assertThat(failed(manager.acquire(bad.withIdentity("alice")))).hasMessageContaining("PKIX");
        assertThat(answer(bad.withIdentity("trustAll"), "hello")).isEqualTo("hello");
        assertThat(tls.total()).isEqualTo(3);
    }

    @Test
    @Tag("E10")
    @Tag("E11")
    void equalEndpointsShareOneConnection() throws Exception {
        newTrustingManager(4, 2);
        Set<String> connections = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            Endpoint made = Endpoint.of("https", Certificates.NAME, tls.port())
                    .withIdentity("alice")
                    .withProtocols("h2", "http/1.1")
                    .withTls("other.test");
            connections.add(answer(made, "id"));
        }
        assertThat(connections).hasSize(1);
        assertThat(manager.snapshot().endpoints()).hasSize(1);
    }

    @Test
    @Tag("E12")
    void aCallerThatOffersOneProtocolNeverGetsAConnectionOfAnother() throws Exception {
        tls.withProtocols("h2", "http/1.1");
        newTrustingManager(4, 2);
        Endpoint http1 = tls.endpoint().withProtocols("http/1.1");
        Endpoint both = tls.endpoint().withProtocols("h2", "http/1.1");
        for (int i = 0; i < 3; i++) {
            Lease<NettyConnection> lease = acquired(both);
            assertThat(lease.connection().applicationProtocol()).isEqualTo("h2");
            assertThat(answer(lease, "protocol")).isEqualTo("h2");
            lease = acquired(http1);
            assertThat(lease.connection().applicationProtocol()).isEqualTo("http/1.1");
            assertThat(answer(lease, "protocol")).isEqualTo("http/1.1");
        }
        assertThat(tls.total()).isEqualTo(2);
    }

    @Test
    @Tag("E15")
    void aLoggedInConnectionIsNeverGivenToAnotherOwner() throws Exception {
        newTrustingManager(4, 2);
        Endpoint shared = tls.endpoint();
        Endpoint alice = shared.withOwner("alice");
        Lease<NettyConnection> lease = acquired(shared);
        RecordingListener<String> answers = new RecordingListener<>();
        lease.connection().start(answers).send("login alice");
        assertThat(answers.next()).isEqualTo("login alice");
        assertThat(lease.releaseAs(alice)).isTrue();

        assertThat(answer(shared, "user")).isEqualTo("none");
        assertThat(answer(shared.withOwner("bob"), "user")).isEqualTo("none");
        Lease<NettyConnection> aliceLease = acquired(alice);
        assertThat(aliceLease.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        for (Endpoint other : List.of(shared, shared.withOwner("bob"))) {
            assertThatThrownBy(() -> aliceLease.releaseAs(other))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("belongs to owner 'alice'");
        }
        assertThat(answer(aliceLease, "user")).isEqualTo("alice");
        assertThat(tls.total()).isEqualTo(3);
    }

    @Test
    @Tag("E17")
    void theServerNameOfOneCallerIsNotUsedForTheNextCaller() throws Exception {
        newTrustingManager(8, 2);
        Endpoint byAddress = Endpoint.of("https", "127.0.0.1", tls.port());
        assertThat(acquired(byAddress.withTls("other.test")).release()).isTrue();
        for (int i = 0; i < 2; i++) {
            assertThat(answer(byAddress, "name")).isEqualTo("[]");
            assertThat(answer(byAddress.withTls(Certificates.NAME), "name")).isEqualTo("[" + Certificates.NAME + "]");
            assertThat(answer(byAddress.withTls("other.test"), "name")).isEqualTo("[other.test]");
        }
        assertThat(tls.total()).isEqualTo(3);
    }

    @Test
    @Tag("E18")
    void aReleaseServesItsOwnWaitQueueEvenIfOthersHaveWaitedLonger() throws Exception {
        newTrustingManager(2, 1);
        Endpoint alice = tls.endpoint().withIdentity("alice");
        Endpoint bob = tls.endpoint().withIdentity("bob");
        Lease<NettyConnection> aliceLease = acquired(alice);
        Lease<NettyConnection> bobLease = acquired(bob);
        List<CompletableFuture<Lease<NettyConnection>>> forAlice = new ArrayList<>();
        List<CompletableFuture<Lease<NettyConnection>>> forBob = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            forBob.add(manager.acquire(bob));
            forAlice.add(manager.acquire(alice));
        }
        assertThat(answer(aliceLease, "subject")).isEqualTo("CN=alice");
        for (CompletableFuture<Lease<NettyConnection>> waiting : forAlice) {
            assertThat(answer(got(waiting), "subject")).isEqualTo("CN=alice");
        }
        assertThat(forBob).noneMatch(CompletableFuture::isDone);
        assertThat(answer(bobLease, "subject")).isEqualTo("CN=bob");
        for (CompletableFuture<Lease<NettyConnection>> waiting : forBob) {
            assertThat(answer(got(waiting), "subject")).isEqualTo("CN=bob");
        }
        assertThat(tls.total()).isEqualTo(2);
    }

    // ---- upgraded in place

    @Test
    @Tag("E17")
    void anUpgradedConnectionIsKeptUnderItsNewEndpointAndNeverUnderItsOldOne() throws Exception {
        newTrustingManager(4, 2);
        Endpoint plain = Endpoint.of("test", "127.0.0.1", tls.port());
        Endpoint upgraded = plain.withTls(Certificates.NAME).withIdentity("alice");
        Lease<NettyConnection> lease = acquired(plain);
        lease.connection().startTls(upgraded).toCompletableFuture().get(20, TimeUnit.SECONDS);
        for (Endpoint other :
                List.of(plain.withTls(Certificates.NAME), upgraded.withIdentity("bob"), plain.withOwner("x"))) {
            assertThatThrownBy(() -> lease.releaseAs(other)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(lease.releaseAs(upgraded)).isTrue();

        assertThat(manager.tryAcquire(plain)).isNull();
        Lease<NettyConnection> next = acquired(upgraded);
        assertThat(next.uses()).isEqualTo(2);
        assertThat(answer(next, "subject")).isEqualTo("CN=alice");
        assertThat(tls.total()).isEqualTo(1);
    }

    @Test
    void anUpgradedConnectionThatIsReleasedUnderItsOldEndpointIsClosed() throws Exception {
        newTrustingManager(4, 2);
        Endpoint plain = Endpoint.of("test", "127.0.0.1", tls.port());
        Lease<NettyConnection> lease = acquired(plain);
        lease.connection()
                .startTls(plain.withTls(Certificates.NAME))
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
        assertThat(answer(lease, "hello")).isEqualTo("hello");
        await().until(() -> manager.snapshot().all().open() == 0);
    }

    @Test
    void anUpgradeDuringSetupBelongsToTheEndpoint() throws Exception {
        newTrustingManager(
                4,
                2,
                options -> options.setup(
                        (connection, endpoint) -> endpoint.scheme().equals("test")
                                ? connection.startTls(endpoint.withTls(Certificates.NAME))
                                : CompletableFuture.completedFuture(null)));
        Endpoint plain = Endpoint.of("test", "127.0.0.1", tls.port());
        for (int i = 0; i < 3; i++) {
            assertThat(answer(plain, "name")).isEqualTo("[" + Certificates.NAME + "]");
        }
        assertThat(tls.total()).isEqualTo(1);
        Lease<NettyConnection> lease = acquired(plain);
        assertThat(lease.releaseAs(plain.withOwner("alice"))).isTrue();
        assertThat(answer(plain.withOwner("alice"), "id")).isEqualTo("1");
    }

    @Test
    void anUpgradeAfterSetupDoesNotBelongToTheEndpoint() throws Exception {
        newTrustingManager(
                4, 2, options -> options.setup((connection, endpoint) -> CompletableFuture.completedFuture(null)));
        Endpoint plain = Endpoint.of("test", "127.0.0.1", tls.port());
        Lease<NettyConnection> lease = acquired(plain);
        lease.connection()
                .startTls(plain.withTls(Certificates.NAME))
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
        assertThat(answer(lease, "hello")).isEqualTo("hello");
        await().until(() -> manager.snapshot().all().open() == 0);
    }
}
