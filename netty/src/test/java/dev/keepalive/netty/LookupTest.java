package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.Phase;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.DialRequest;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LookupTest {
    @Test
    void concurrentDialsOfOneNameShareOneLookupAcrossEventLoops() throws Exception {
        FakeResolver resolver = new FakeResolver().stuck("a.test");
        try (ScriptedServer server = ScriptedServer.start();
                ScriptedServer other = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(NettyConnector.builder().resolver(resolver))) {
            RecordingEvents first = rig.dial("test", "a.test", server.port());
            FakeResolver.Query lookup = resolver.nextStuck();
            RecordingEvents second = dialUntilItLooksUp(rig, server.port());
            RecordingEvents third = dialUntilItLooksUp(rig, other.port());

            lookup.answer("127.0.0.1");

            assertThat(first.link().channel().eventLoop())
                    .isNotSameAs(second.link().channel().eventLoop());
            assertThat(ConnectorRig.remoteOf(third.link()).getPort()).isEqualTo(other.port());
            assertThat(resolver.queries).hasValue(1);
        }
    }

    @Test
    void aFinishedLookupIsNotCached() throws Exception {
        FakeResolver resolver = new FakeResolver().name("a.test", "127.0.0.1");
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(NettyConnector.builder().resolver(resolver))) {
            rig.dial("test", "a.test", server.port()).link();
            resolver.name("a.test", "127.0.0.2");
            try (ScriptedServer moved = ScriptedServer.start("127.0.0.2", server.port())) {
                assertThat(ConnectorRig.remoteOf(
                                        rig.dial("test", "a.test", moved.port()).link())
                                .getHostString())
                        .isEqualTo("127.0.0.2");
            }
            assertThat(resolver.queries).hasValue(2);
        }
    }

    @Test
    void aDialWhoseLookupIsStuckCanBeStoppedAndTheNextDialLooksUpAnew() throws Exception {
        FakeResolver resolver = new FakeResolver().stuck("a.test");
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(NettyConnector.builder().resolver(resolver))) {
            RecordingEvents first = new RecordingEvents();
            Dial dial = rig.dial(Endpoint.of("test", "a.test", server.port()), first)
                    .dial();
            FakeResolver.Query stuck = resolver.nextStuck();

            dial.stop();

            DialException failure = first.failure();
            assertThat(failure.phase()).isEqualTo(Phase.RESOLVE);
            RecordingEvents second = rig.dial("test", "a.test", server.port());
            resolver.nextStuck().answer("127.0.0.1");
            assertThat(second.link().channel().isActive()).isTrue();
            assertThat(stuck.promise().isCancelled()).isTrue();
            assertThat(first.answers).hasValue(1);
        }
    }

    @Test
    void stoppingOneOfTwoDialsLeavesTheOtherItsLookup() throws Exception {
        FakeResolver resolver = new FakeResolver().stuck("a.test");
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(NettyConnector.builder().resolver(resolver))) {
            RecordingEvents first = new RecordingEvents();
            Dial dial = rig.dial(Endpoint.of("test", "a.test", server.port()), first)
                    .dial();
            FakeResolver.Query lookup = resolver.nextStuck();
            RecordingEvents second = dialUntilItLooksUp(rig, server.port());

            dial.stop();
            first.failure();
            lookup.answer("127.0.0.1");

            assertThat(second.link().channel().isActive()).isTrue();
        }
    }

    @Test
    void aNewDialDoesNotJoinALookupThatAStoppedDialHasGivenUp() throws Exception {
        FakeResolver resolver = new FakeResolver().stuck("a.test");
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(NettyConnector.builder().resolver(resolver))) {
            RecordingEvents first = new RecordingEvents();
            Dial dial = rig.dial(Endpoint.of("test", "a.test", server.port()), first)
                    .dial();
            FakeResolver.Query stuck = resolver.nextStuck();
            RecordingEvents patient = dialUntilItLooksUp(rig, server.port());
            dial.stop();
            first.failure();

            RecordingEvents third = rig.dial("test", "a.test", server.port());
            resolver.nextStuck().answer("127.0.0.1");

            assertThat(third.link().channel().isActive()).isTrue();
            assertThat(patient.isAnswered()).isFalse();
            stuck.answer("127.0.0.1");
            assertThat(patient.link().channel().isActive()).isTrue();
        }
    }

    @Test
    void aStuckNameDelaysNoOther() throws Exception {
        FakeResolver resolver = new FakeResolver().stuck("stuck.test").name("a.test", "127.0.0.1");
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(NettyConnector.builder().resolver(resolver))) {
            RecordingEvents stuck = rig.dial("test", "stuck.test", server.port());
            resolver.nextStuck();

            assertThat(rig.dial("test", "a.test", server.port()).link()).isNotNull();
            assertThat(stuck.isAnswered()).isFalse();
        }
    }

    @Test
    void twoConnectorsCanShareAResolver() throws Exception {
        FakeResolver resolver = new FakeResolver().name("a.test", "127.0.0.1");
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig one = new ConnectorRig(NettyConnector.builder().resolver(resolver));
                ConnectorRig two = new ConnectorRig(NettyConnector.builder().resolver(resolver))) {
            one.dial("test", "a.test", server.port()).link();
            one.close();

            assertThat(two.dial("test", "a.test", server.port()).link()).isNotNull();
            assertThat(resolver.closed).isFalse();
        }
    }

    @Test
    void anUnknownNameFailsWithTheErrorOfGetaddrinfo() throws Exception {
        try (ConnectorRig rig = new ConnectorRig(NettyConnector.builder().resolver(new FakeResolver()))) {
            DialException failure = rig.dial("test", "unknown.test", 9).failure();

            assertThat(failure.phase()).isEqualTo(Phase.RESOLVE);
            assertThat(failure.errorNumber()).isEqualTo(-2);
            assertThat(failure.text()).isEqualTo("Name or service not known");
        }
    }

    @Test
    void aResolverThatAnswersWithNothingOrThrowsFailsTheDial() throws Exception {
        FakeResolver resolver = new FakeResolver().stuck("a.test");
        try (ConnectorRig rig = new ConnectorRig(NettyConnector.builder().resolver(resolver))) {
            RecordingEvents empty = rig.dial("test", "a.test", 9);
            resolver.nextStuck().answer();
            assertThat(empty.failure().errorNumber()).isEqualTo(-2);

            RecordingEvents unresolved = rig.dial("test", "a.test", 9);
            resolver.nextStuck().promise().setSuccess(List.of(InetSocketAddress.createUnresolved("a.test", 9)));
            assertThat(unresolved.failure().errorNumber()).isEqualTo(-2);

            RecordingEvents broken = rig.dial("test", "a.test", 9);
            resolver.nextStuck().fail(new IllegalStateException("no idea"));
            assertThat(broken.failure().text()).isEqualTo("no idea");
        }
    }

    @Test
    void aLookupThatItsDialHasGivenHalfItsTimeIsNotJoined() throws Exception {
        FakeResolver resolver = new FakeResolver().stuck("a.test");
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(NettyConnector.builder().resolver(resolver))) {
            Endpoint endpoint = Endpoint.of("test", "a.test", server.port());
            RecordingEvents first = new RecordingEvents();
            // It is not stopped: the manager may ask again before it stops the dial.
            rig.connector.connect(DialRequest.of(endpoint, Duration.ofNanos(1)), first);
            FakeResolver.Query stuck = resolver.nextStuck();

            RecordingEvents second = rig.dial("test", "a.test", server.port());
            resolver.nextStuck().answer("127.0.0.1");

            assertThat(second.link().channel().isActive()).isTrue();
            assertThat(first.isAnswered()).isFalse();
            stuck.answer("127.0.0.1");
            assertThat(first.link().channel().isActive()).isTrue();
        }
    }

    @Test
    void anAcquireJustAfterALookupThatTookTooLongLooksUpAnew() throws Exception {
        FakeResolver resolver = new FakeResolver().stuck("a.test");
        try (ScriptedServer server = ScriptedServer.start();
                ConnectionManager<NettyConnection> manager = ConnectionManager.builder(
                                NettyConnector.builder().resolver(resolver).build())
                        .dialTimeout(Duration.ofMillis(200))
                        .build()) {
            Endpoint endpoint = Endpoint.of("test", "a.test", server.port());
            for (int i = 0; i < 10; i++) {
                CompletableFuture<Lease<NettyConnection>> again = new CompletableFuture<>();
                manager.acquire(endpoint).whenComplete((lease, failure) -> manager.acquire(endpoint)
                        .whenComplete((second, error) -> again.complete(second)));
                resolver.nextStuck();

                resolver.nextStuck().answer("127.0.0.1");

                assertThat(again.get(20, TimeUnit.SECONDS)).isNotNull().satisfies(Lease::invalidate);
            }
        }
    }

    @Test
    void theSystemsHostsFileIsRead() throws Exception {
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = ConnectorRig.withDefaults()) {
            RecordingEvents events = rig.dial("test", "localhost", server.port());

            assertThat(events.link().channel().isActive()).isTrue();
            assertThat(events.phases).startsWith(Phase.RESOLVE);
        }
    }

    @Test
    void theBuiltInResolverAsksTheNameServerOnceAndKeepsTheAnswerForAllEventLoops() throws Exception {
        try (NameServer names = NameServer.start().name("a.test", "127.0.0.1");
                ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(connectorWith(names))) {
            for (int i = 0; i < 5; i++) {
                rig.dial("test", "a.test", server.port()).link();
            }
            assertThat(names.queries("a.test")).isEqualTo(1);
        }
    }

    @Test
    void theBuiltInResolverTellsAnUnknownNameFromAFailureOfTheNameServer() throws Exception {
        try (NameServer names = NameServer.start().broken("broken.test").silent("silent.test");
                ConnectorRig rig = new ConnectorRig(connectorWith(names))) {
            DialException unknown = rig.dial("test", "unknown.test", 9).failure();
            DialException broken = rig.dial("test", "broken.test", 9).failure();
            DialException silent = rig.dial("test", "silent.test", 9).failure();

            assertThat(unknown.errorNumber()).isEqualTo(-2);
            assertThat(broken.errorNumber()).isEqualTo(-3);
            assertThat(broken.text()).isEqualTo("Temporary failure in name resolution");
            assertThat(silent.errorNumber()).isEqualTo(-3);
        }
    }

    @Test
    void theBuiltInResolverCachesAnUnknownNameButNotAFailureOfTheNameServer() throws Exception {
        try (NameServer names = NameServer.start().broken("broken.test");
                ConnectorRig rig = new ConnectorRig(connectorWith(names))) {
            for (int i = 0; i < 5; i++) {
                assertThat(rig.dial("test", "unknown.test", 9).failure().errorNumber())
                        .isEqualTo(-2);
                assertThat(rig.dial("test", "broken.test", 9).failure().errorNumber())
                        .isEqualTo(-3);
            }

            assertThat(names.queries("unknown.test")).isEqualTo(1);
            assertThat(names.queries("broken.test")).isGreaterThan(1);
        }
    }

    @Test
    void theBuiltInResolverReturnsEveryAddressOfAName() throws Exception {
        try (ScriptedServer server = ScriptedServer.start("127.0.0.3", 0);
                NameServer names = NameServer.start().name("many.test", "127.0.0.2", "127.0.0.3");
                ConnectorRig rig = new ConnectorRig(connectorWith(names))) {
            assertThat(rig.dial("test", "many.test", server.port())
                            .link()
                            .channel()
                            .isActive())
                    .isTrue();
        }
    }

    /** Dials a.test, and waits until it has begun a lookup or joined one. */
    private static RecordingEvents dialUntilItLooksUp(ConnectorRig rig, int port) throws Exception {
        CompletableFuture<Executor> loop = new CompletableFuture<>();
        RecordingEvents events = new RecordingEvents() {
            @Override
            public void phaseStarted(Phase phase) {
                super.phaseStarted(phase);
                loop.complete(rig.connector.currentEventLoop());
            }
        };
        rig.dial(Endpoint.of("test", "a.test", port), events);
        // When the event loop runs this task, the dial has begun or joined its lookup.
        CompletableFuture.runAsync(() -> {}, loop.get(20, TimeUnit.SECONDS)).get(20, TimeUnit.SECONDS);
        return events;
    }

    private static NettyConnectorBuilder connectorWith(NameServer names) {
        ResolverSettings settings = ResolverSettings.of(names.address()).withTimeout(Duration.ofMillis(300));
        return NettyConnector.builder()
                .nameLookup(HostNameResolver.byDns(
                        Transport.best(), () -> HostsFile.EMPTY, () -> settings, () -> false, Long.MAX_VALUE));
    }
}
