package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Connections to an address that is no longer in the DNS answer are retired. The servers listen on several addresses of
 * the loopback network.
 */
class AddressRefresherTest {
    private final FakeResolver resolver = new FakeResolver().name("moves.test", "127.0.0.2");

    @Test
    @Tag("D09")
    void idleConnectionsToARemovedAddressAreClosedAndNewDialsUseTheNewAddress() throws Exception {
        try (ScriptedServer old = ScriptedServer.start("127.0.0.2", 0);
                ScriptedServer moved = ScriptedServer.start("127.0.0.3", old.port());
                IdleManager manager = manager()) {
            Endpoint endpoint = Endpoint.of("test", "moves.test", old.port());
            manager.acquire(endpoint).release();
            assertThat(manager.acquire(endpoint)).satisfies(lease -> {
                assertThat(lease.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
                lease.release();
            });

            resolver.name("moves.test", "127.0.0.3");

            assertThat(old.accept().readAll()).isEmpty();
            await().until(() -> manager.idle() == 0);
            Lease<NettyConnection> fresh = manager.acquire(endpoint);
            assertThat(fresh.origin()).isEqualTo(LeaseOrigin.NEW);
            moved.accept();
            fresh.release();
        }
    }

    @Test
    @Tag("D09")
    void aLeasedConnectionToARemovedAddressIsClosedAtItsRelease() throws Exception {
        try (ScriptedServer old = ScriptedServer.start("127.0.0.2", 0);
                IdleManager manager = manager()) {
            Endpoint endpoint = Endpoint.of("test", "moves.test", old.port());
            Lease<NettyConnection> lease = manager.acquire(endpoint);
            ScriptedServer.Peer peer = old.accept();
            int before = resolver.queries.get();
            resolver.name("moves.test", "127.0.0.3");
            // When the second lookup after the change begins, the answer to the first one has been handled.
            await().until(() -> resolver.queries.get() > before + 2);

            RecordingListener<String> replies = new RecordingListener<>();
            lease.connection().start(replies);
            peer.send("still here\r\n");
            assertThat(replies.next()).isEqualTo("still here");
            assertThat(lease.release()).isTrue();

            peer.readAll();
            await().until(() -> manager.idle() == 0);
        }
    }

    @Test
    void aFailedOrEmptyAnswerChangesNothing() throws Exception {
        try (ScriptedServer server = ScriptedServer.start("127.0.0.2", 0);
                IdleManager manager = manager()) {
            Endpoint endpoint = Endpoint.of("test", "moves.test", server.port());
            manager.acquire(endpoint).release();

            resolver.stuck("moves.test");
            resolver.nextStuck().fail(new IllegalStateException("no idea"));
            resolver.nextStuck().answer();
            resolver.nextStuck();

            assertThat(manager.acquire(endpoint).origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        }
    }

    @Test
    void theWildcardAddressIsKeptWhileItIsInTheAnswer() throws Exception {
        assumeTrue(
                Transport.best() instanceof NioTransport, "only the transport of the JDK takes 0.0.0.0 for this host");
        resolver.name("moves.test", "0.0.0.0");
        try (ScriptedServer server = ScriptedServer.start();
                IdleManager manager = manager()) {
            Endpoint endpoint = Endpoint.of("test", "moves.test", server.port());
            manager.acquire(endpoint).release();
            int before = resolver.queries.get();

            await().until(() -> resolver.queries.get() > before + 3);

            assertThat(manager.acquire(endpoint).origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        }
    }

    @Test
    void aLookupThatIsNotAnsweredIsCancelledWithTheLastConnection() throws Exception {
        resolver.stuck("moves.test");
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(
                        NettyConnector.builder().resolver(resolver).addressRefresh(Duration.ofMillis(1)))) {
            RecordingEvents events = rig.dial("test", "moves.test", server.port());
            resolver.nextStuck().answer("127.0.0.1");
            NettyLink link = events.link();
            FakeResolver.Query lookup = resolver.nextStuck();

            link.close();

            await().until(lookup.promise()::isCancelled);
        }
    }

    @Test
    void aLookupThatIsNeverAnsweredDoesNotEndTheRefresh() throws Exception {
        resolver.stuck("moves.test");
        try (ScriptedServer old = ScriptedServer.start("127.0.0.2", 0);
                ConnectorRig rig = new ConnectorRig(
                        NettyConnector.builder().resolver(resolver).addressRefresh(Duration.ofMillis(5)))) {
            RecordingEvents events = rig.dial("test", "moves.test", old.port());
            resolver.nextStuck().answer("127.0.0.2");
            events.link();

            FakeResolver.Query unanswered = resolver.nextStuck();
            FakeResolver.Query next = resolver.nextStuck();

            assertThat(next).isNotSameAs(unanswered);
            await().until(unanswered.promise()::isCancelled);
        }
    }

    @Test
    void anAnswerThatMayBeCutRetiresNoConnection() throws Exception {
        try (ScriptedServer server = ScriptedServer.start("127.0.0.2", 0);
                IdleManager manager = manager()) {
            Endpoint endpoint = Endpoint.of("test", "moves.test", server.port());
            manager.acquire(endpoint).release();
            int before = resolver.queries.get();

            resolver.name("moves.test", addresses(DnsLookup.MAX_ADDRESSES));
            await().until(() -> resolver.queries.get() > before + 3);
            assertThat(manager.acquire(endpoint)).satisfies(lease -> {
                assertThat(lease.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
                lease.release();
            });

            resolver.name("moves.test", addresses(DnsLookup.MAX_ADDRESSES - 1));
            await().until(() -> manager.idle() == 0);
        }
    }

    private static String[] addresses(int count) {
        return IntStream.range(0, count).mapToObj(i -> "127.0.1." + i).toArray(String[]::new);
    }

    @Test
    void aNameIsNotRefreshedAfterItsLastConnection() throws Exception {
        FakeResolver many = new FakeResolver().name("moves.test", "127.0.0.1");
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(
                        NettyConnector.builder().resolver(many).addressRefresh(Duration.ofMillis(1)))) {
            RecordingEvents events = rig.dial("test", "moves.test", server.port());
            NettyLink link = events.link();
            await().until(() -> many.queries.get() > 3);

            link.close();
            events.closeCause();
            ConnectorRig.awaitEventLoop(link);
            int after = many.queries.get();
            ConnectorRig.awaitEventLoop(link);

            assertThat(many.queries).hasValue(after);
        }
    }

    @Test
    void aRefreshTimeThatIsNotPositiveIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NettyConnector.builder().addressRefresh(Duration.ZERO))
                .withMessage("addressRefresh PT0S is not allowed: more than zero");
        assertThat(NettyConnector.builder()
                        .addressRefresh(Duration.ofSeconds(Long.MAX_VALUE))
                        .build())
                .isNotNull();
    }

    private IdleManager manager() {
        return new IdleManager(NettyConnector.builder().resolver(resolver).addressRefresh(Duration.ofMillis(5)));
    }

    /** A manager with the few methods that these tests need. */
    private static final class IdleManager implements AutoCloseable {
        private final dev.keepalive.ConnectionManager<NettyConnection> manager;

        IdleManager(NettyConnectorBuilder connector) {
            manager = dev.keepalive.ConnectionManager.builder(connector.build())
                    .idleTimeout(Duration.ofMinutes(10))
                    .build();
        }

        Lease<NettyConnection> acquire(Endpoint endpoint) throws Exception {
            return manager.blocking().acquire(endpoint);
        }

        int idle() {
            return manager.snapshot().all().idle();
        }

        @Override
        public void close() {
            manager.close();
        }
    }
}
