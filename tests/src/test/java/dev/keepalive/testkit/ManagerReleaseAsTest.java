package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** {@code releaseAs}: a released connection belongs to another endpoint from then on. */
class ManagerReleaseAsTest extends ManagerRig {
    private static final Endpoint OWNED = A.withOwner("me");

    @Test
    void theConnectionServesTheOtherEndpointFromThenOn() {
        Lease<FakeConnection> lease = lease();
        assertThat(lease.releaseAs(B)).isTrue();
        assertThat(connector.links().get(0).endpoint()).isEqualTo(B);

        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(B);
        assertThat(next.join().origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        assertThat(next.join().uses()).isEqualTo(2);
        assertThat(manager.tryAcquire(A)).isNull();
        assertThat(manager.snapshot().endpoints()).containsOnlyKeys(B);
    }

    @Test
    void releaseAsTheSameEndpointIsARelease() {
        assertThat(lease().releaseAs(Endpoint.of("line", "a", 1))).isTrue();
        assertThat(manager.snapshot().endpoints().get(A).idle()).isEqualTo(1);
    }

    @Test
    void onlyTheFirstEndOfALeaseCounts() {
        Lease<FakeConnection> lease = lease();
        assertThat(lease.release()).isTrue();
        assertThat(lease.releaseAs(B)).isFalse();
        assertThat(connector.links().get(0).endpoint())
                .as("a lease that has ended changes no endpoint")
                .isEqualTo(A);

        Lease<FakeConnection> second = manager.acquire(A).join();
        assertThat(second.releaseAs(B)).isTrue();
        assertThat(second.release()).isFalse();
        assertThat(second.invalidate()).isFalse();
        assertThatThrownBy(second::connection).isInstanceOf(IllegalStateException.class);
        assertThat(manager.snapshot().endpoints().get(B).idle()).isEqualTo(1);
    }

    @Test
    void anEndpointThatTheConnectorDoesNotSupportIsRefused() {
        assertRefused(lease(), Endpoint.of("unknown", "a", 1), "'unknown' is not allowed");
    }

    @Test
    void anEndpointThatTheConnectionCannotServeIsRefused() {
        assertRefused(lease(), A.withIdentity("other"), "this is connection 1");
    }

    @Test
    void aConnectionWithAnOwnerIsNeverReleasedToAnotherOwner() {
        assertRefused(lease(OWNED), A, "belongs to owner 'me'");
        connector.answerAtOnce();
        Lease<FakeConnection> lease = manager.tryAcquire(OWNED);
        assertRefused(lease, A.withOwner("you"), "belongs to owner 'me'");
        Lease<FakeConnection> again = manager.tryAcquire(OWNED);
        assertThat(again.releaseAs(B.withOwner("me"))).isTrue();
    }

    @Test
    void theOwnerOfATargetIsNeverLostEither() {
        Endpoint toOwned = A.withTarget(B.withTarget(B.withOwner("me")));
        Lease<FakeConnection> lease = lease(toOwned);
        assertRefused(lease, A, "belongs to owner 'me'");
        connector.answerAtOnce();
        assertRefused(manager.tryAcquire(toOwned), A.withTarget(B), "belongs to owner 'me'");
        assertRefused(
                manager.tryAcquire(toOwned), A.withTarget(B.withTarget(B.withOwner("you"))), "belongs to owner 'me'");
        Lease<FakeConnection> again = manager.tryAcquire(toOwned);
        assertThat(again.releaseAs(A.withTarget(B.withTarget(B.withOwner("me"))).withOwner("you")))
                .isTrue();
    }

    @Test
    void theOwnerOfAProxyIsNeverLostEither() {
        assertRefused(lease(A.withProxy(B.withOwner("me"))), A.withProxy(B), "belongs to owner 'me'");
    }

    @Test
    void aConnectionWithoutAnOwnerCanGetOne() {
        assertThat(lease().releaseAs(OWNED)).isTrue();
        assertThat(manager.tryAcquire(A)).isNull();
        assertThat(manager.tryAcquire(OWNED)).isNotNull();
    }

    private void assertRefused(Lease<FakeConnection> lease, Endpoint as, String why) {
        Endpoint before = lease.request().endpoint();
        assertThatThrownBy(() -> lease.releaseAs(as))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
        assertThat(lease.connection().link().endpoint()).isEqualTo(before);
        assertThat(manager.snapshot().endpoints().get(before).leased()).isEqualTo(1);
        assertThat(lease.release()).as("the lease had not ended").isTrue();
        assertThat(manager.snapshot().endpoints()).containsOnlyKeys(before);
    }

    @Test
    void aLinkWithoutRekeyRefuses() {
        replaceManager(outer -> new ForwardingConnector(outer) {
            @Override
            public Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
                return super.connect(request, new ForwardingLinkEvents(events) {
                    @Override
                    public void opened(Link<FakeConnection> link) {
                        super.opened(new LinkWithoutRekey(link));
                    }
                });
            }
        });
        assertRefused(lease(), B, "cannot become another endpoint's");
    }

    /** A link with the required methods only. */
    private record LinkWithoutRekey(Link<FakeConnection> link) implements Link<FakeConnection> {
        @Override
        public FakeConnection handle(Lease<FakeConnection> lease, long number) {
            return link.handle(lease, number);
        }

        @Override
        public void reset(long number) {
            link.reset(number);
        }

        @Override
        public void close() {
            link.close();
        }
    }

    @Test
    void itServesAWaiterOfTheOtherEndpointAfterItsReset() {
        replaceManager(1, 1);
        Lease<FakeConnection> lease = lease();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(B);
        connector.links().get(0).holdResets();
        lease.releaseAs(B);
        tasks.runAll();
        assertThat(waiting).isNotDone();
        connector.links().get(0).answerReset(true);
        tasks.runAll();
        assertThat(waiting.join().origin()).isEqualTo(LeaseOrigin.DEFERRED);
        assertThat(waiting.join().connection().link().number()).isEqualTo(1);
    }

    @Test
    void aConnectionThatIsNotReusableIsClosed() {
        Lease<FakeConnection> lease = lease();
        connector.links().get(0).leaveUnread();
        assertThat(lease.releaseAs(B)).isTrue();
        tasks.runAll();
        assertThat(connector.openLinks()).isZero();
        assertThat(manager.snapshot().endpoints()).isEmpty();
    }

    @Test
    void theListenerIsToldOfItsCloseWithItsLastEndpoint() {
        List<String> reports = new ArrayList<>();
        ConnectionListener listener = new ConnectionListener() {
            @Override
            public void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
                reports.add(endpoint + " " + reason + " " + uses);
            }
        };
        replaceManager(128, 1, options -> options.listener(listener));
        lease().releaseAs(B);
        manager.acquire(B).join().invalidate();
        tasks.runAll();
        assertThat(reports).containsExactly(B + " INVALIDATED 2");
    }

    // ---- recorded histories

    @Test
    void aReplayTellsEndpointsApartThatDifferInAnyProperty() throws Exception {
        ByteArrayOutputStream recorded = new ByteArrayOutputStream();
        replaceManager(128, 1, options -> options.recordHistory(recorded));
        ConnectionManager<FakeConnection> recording = manager;
        InetAddress loopback = InetAddress.getByName("127.0.0.2");
        Endpoint proxy = Endpoint.of("http", "proxy", 3128).withCredentials("door");
        List<Endpoint> all = List.of(
                A,
                A.withTls(),
                A.withTls("other"),
                A.withIdentity("me"),
                A.withProtocols("h2", "http/1.1"),
                A.withProxy(proxy),
                A.withProxy(proxy.withTls().withProxy(proxy)),
                A.withLocalAddress(loopback),
                A.withLocalAddress(InetAddress.getByName("::1")),
                A.withTarget(B),
                OWNED,
                Endpoint.of("https", "a", 1),
                Endpoint.unix("line", Path.of("/run/a b.socket")));
        all.forEach(recording::acquire);
        answerAllDials();
        recording.tryAcquire(A);
        time.advance(Duration.ofSeconds(2));
        tasks.runAll();

        Replay replay = Replay.of(new ByteArrayInputStream(recorded.toByteArray()));
        replay.run();
        Map<Endpoint, Counts> replayed = replay.countsByEndpoint();
        assertThat(replayed.keySet()).containsExactlyInAnyOrderElementsOf(all);
        assertThat(replayed).isEqualTo(recording.snapshot().endpoints());
    }

    private void answerAllDials() {
        tasks.runAll();
        connector.answerAtOnce();
        tasks.runAll();
    }

    @Test
    void aReleaseAsAnotherEndpointIsReplayed() throws Exception {
        ByteArrayOutputStream recorded = new ByteArrayOutputStream();
        replaceManager(128, 1, options -> options.recordHistory(recorded));
        Lease<FakeConnection> lease = lease();
        lease.releaseAs(OWNED);
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(OWNED);
        assertThat(next.join().uses()).isEqualTo(2);
        next.join().release();
        time.advance(Duration.ofSeconds(2));
        tasks.runAll();

        Replay replay = Replay.of(new ByteArrayInputStream(recorded.toByteArray()));
        replay.run();
        assertThat(replay.countsByEndpoint())
                .isEqualTo(manager.snapshot().endpoints())
                .containsOnlyKeys(OWNED);
    }
}
