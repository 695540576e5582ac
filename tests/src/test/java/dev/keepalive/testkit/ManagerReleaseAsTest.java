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

/** Connections that their holders make something else of, and release as that. */
class ManagerReleaseAsTest extends ManagerRig {
    private static final Endpoint MINE = A.withOwner("me");

    @Test
    void theConnectionServesTheOtherEndpointFromThenOn() {
        Lease<FakeConnection> lease = leased();
        assertThat(lease.releaseAs(B)).isTrue();
        assertThat(connector.links().get(0).endpoint()).isEqualTo(B);

        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(B);
        assertThat(next.join().origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        assertThat(next.join().uses()).isEqualTo(2);
        assertThat(manager.tryAcquire(A)).isNull();
        assertThat(manager.snapshot().endpoints()).containsOnlyKeys(B);
    }

    @Test
    void releasedAsWhatItIsItIsReleased() {
        assertThat(leased().releaseAs(Endpoint.of("line", "a", 1))).isTrue();
        assertThat(manager.snapshot().endpoints().get(A).idle()).isEqualTo(1);
    }

    @Test
    void onlyTheFirstEndCounts() {
        Lease<FakeConnection> lease = leased();
        assertThat(lease.release()).isTrue();
        assertThat(lease.releaseAs(B)).isFalse();
        assertThat(connector.links().get(0).endpoint())
                .as("an ended lease changes nothing")
                .isEqualTo(A);

        Lease<FakeConnection> second = manager.acquire(A).join();
        assertThat(second.releaseAs(B)).isTrue();
        assertThat(second.release()).isFalse();
        assertThat(second.invalidate()).isFalse();
        assertThatThrownBy(second::connection).isInstanceOf(IllegalStateException.class);
        assertThat(manager.snapshot().endpoints().get(B).idle()).isEqualTo(1);
    }

    @Test
    void whatTheConnectorDoesNotServeIsRefusedAndNothingIsLost() {
        refuses(leased(), Endpoint.of("unknown", "a", 1), "'unknown' is not allowed");
    }

    @Test
    void whatTheConnectionCannotBeIsRefusedAndNothingIsLost() {
        refuses(leased(), A.withIdentity("other"), "this is connection 1");
    }

    @Test
    void aConnectionThatBelongsToSomebodyIsNeverReleasedAsAnybodyElses() {
        refuses(leased(MINE), A, "belongs to owner 'me'");
        connector.answerAtOnce();
        Lease<FakeConnection> lease = manager.tryAcquire(MINE);
        refuses(lease, A.withOwner("you"), "belongs to owner 'me'");
        Lease<FakeConnection> again = manager.tryAcquire(MINE);
        assertThat(again.releaseAs(B.withOwner("me"))).isTrue();
    }

    @Test
    void aConnectionBecomesSomebodys() {
        assertThat(leased().releaseAs(MINE)).isTrue();
        assertThat(manager.tryAcquire(A)).isNull();
        assertThat(manager.tryAcquire(MINE)).isNotNull();
    }

    private void refuses(Lease<FakeConnection> lease, Endpoint as, String why) {
        Endpoint before = lease.request().endpoint();
        assertThatThrownBy(() -> lease.releaseAs(as))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
        assertThat(lease.connection().link().endpoint()).isEqualTo(before);
        assertThat(manager.snapshot().endpoints().get(before).leased()).isEqualTo(1);
        assertThat(lease.release()).as("it had not ended").isTrue();
        assertThat(manager.snapshot().endpoints()).containsOnlyKeys(before);
    }

    @Test
    void aConnectorThatKnowsNothingOfItRefuses() {
        through(outer -> new ForwardingConnector(outer) {
            @Override
            public Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
                return super.connect(request, new WrappedEvents(events) {
                    @Override
                    public void opened(Link<FakeConnection> link) {
                        super.opened(new Simple(link));
                    }
                });
            }
        });
        refuses(leased(), B, "cannot become another endpoint's");
    }

    /** A link with what every link must have. */
    private record Simple(Link<FakeConnection> link) implements Link<FakeConnection> {
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
    void itServesWhoWaitsForTheOtherAfterItsCleanUp() {
        limits(1, 1);
        Lease<FakeConnection> lease = leased();
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
    void whatIsNotQuietIsClosedAsEver() {
        Lease<FakeConnection> lease = leased();
        connector.links().get(0).leaveUnread();
        assertThat(lease.releaseAs(B)).isTrue();
        tasks.runAll();
        assertThat(connector.openLinks()).isZero();
        assertThat(manager.snapshot().endpoints()).isEmpty();
    }

    @Test
    void theListenerHearsOfItsEndUnderItsLastName() {
        List<String> heard = new ArrayList<>();
        ConnectionListener listener = new ConnectionListener() {
            @Override
            public void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
                heard.add(endpoint + " " + reason + " " + uses);
            }
        };
        with(128, 1, options -> options.listener(listener));
        leased().releaseAs(B);
        manager.acquire(B).join().invalidate();
        tasks.runAll();
        assertThat(heard).containsExactly(B + " INVALIDATED 2");
    }

    // ---- recorded

    @Test
    void endpointsThatDifferInAnythingAreNotTakenForTheSameWhenReplayed() throws Exception {
        ByteArrayOutputStream recorded = new ByteArrayOutputStream();
        with(128, 1, options -> options.recordHistory(recorded));
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
                MINE,
                Endpoint.of("https", "a", 1),
                Endpoint.unix("line", Path.of("/run/a b.socket")));
        all.forEach(recording::acquire);
        leasedAll();
        recording.tryAcquire(A);
        time.advance(Duration.ofSeconds(2));
        tasks.runAll();

        Replay replay = Replay.of(new ByteArrayInputStream(recorded.toByteArray()));
        replay.run();
        Map<Endpoint, Counts> replayed = replay.countsByEndpoint();
        assertThat(replayed.keySet()).containsExactlyInAnyOrderElementsOf(all);
        assertThat(replayed).isEqualTo(recording.snapshot().endpoints());
    }

    private void leasedAll() {
        tasks.runAll();
        connector.answerAtOnce();
        tasks.runAll();
    }

    @Test
    void aReleaseAsSomethingElseIsReplayed() throws Exception {
        ByteArrayOutputStream recorded = new ByteArrayOutputStream();
        with(128, 1, options -> options.recordHistory(recorded));
        Lease<FakeConnection> lease = leased();
        lease.releaseAs(MINE);
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(MINE);
        assertThat(next.join().uses()).isEqualTo(2);
        next.join().release();
        time.advance(Duration.ofSeconds(2));
        tasks.runAll();

        Replay replay = Replay.of(new ByteArrayInputStream(recorded.toByteArray()));
        replay.run();
        assertThat(replay.countsByEndpoint())
                .isEqualTo(manager.snapshot().endpoints())
                .containsOnlyKeys(MINE);
    }
}
