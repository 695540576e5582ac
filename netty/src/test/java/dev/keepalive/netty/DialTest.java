package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.DialRequest;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class DialTest {
    @Test
    void aDialByAddressLooksNothingUp() throws Exception {
        FakeResolver resolver = new FakeResolver();
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(NettyConnector.builder().resolver(resolver))) {
            RecordingEvents events = rig.dial(server);

            assertThat(events.link().channel().isActive()).isTrue();
            assertThat(events.phases).containsExactly(Phase.CONNECT);
            assertThat(resolver.queries).hasValue(0);
            assertThat(events.answers).hasValue(1);
        }
    }

    @Test
    void aDialByNameReportsItsPhasesInOrder() throws Exception {
        FakeResolver resolver = new FakeResolver().name("a.test", "127.0.0.1");
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(NettyConnector.builder().resolver(resolver))) {
            RecordingEvents events = rig.dial("test", "a.test", server.port());

            events.link();
            assertThat(events.phases).containsExactly(Phase.RESOLVE, Phase.CONNECT);
        }
    }

    @Test
    void aRefusedConnectionIsError111() throws Exception {
        try (ConnectorRig rig = ConnectorRig.withDefaults()) {
            DialException failure = rig.dial("test", "127.0.0.1", freePort()).failure();

            assertThat(failure.phase()).isEqualTo(Phase.CONNECT);
            assertThat(failure.errorNumber()).isEqualTo(111);
            assertThat(failure.phase() + " error " + failure.errorNumber() + ": " + failure.text())
                    .isEqualTo("connect error 111: Connection refused");
        }
    }

    @Test
    void aForeignAddressCannotBeBound() throws Exception {
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(NettyConnector.builder().bindAddress("192.0.2.1"))) {
            DialException failure = rig.dial(server).failure();

            assertThat(failure.errorNumber()).isEqualTo(99);
            assertThat(failure.text()).startsWith("Cannot assign requested address (local address ");
        }
    }

    @Test
    void theBindAddressIsWhatTheServerSees() throws Exception {
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(NettyConnector.builder().bindAddress("127.0.0.9"))) {
            rig.dial(server).link();

            assertThat(server.accept().remoteAddress().getAddress().getHostAddress())
                    .isEqualTo("127.0.0.9");
        }
    }

    @Test
    void addressesOfTheOtherFamilyThanTheBindAddressAreLeftOut() throws Exception {
        FakeResolver resolver =
                new FakeResolver().name("both.test", "::1", "127.0.0.1").name("six.test", "::1");
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(
                        NettyConnector.builder().resolver(resolver).bindAddress("127.0.0.9"))) {
            assertThat(rig.dial("test", "both.test", server.port())
                            .link()
                            .channel()
                            .isActive())
                    .isTrue();

            DialException failure = rig.dial("test", "six.test", server.port()).failure();
            assertThat(failure.errorNumber()).isEqualTo(97);
            assertThat(failure.getCause()).hasMessageContaining("127.0.0.9");
        }
    }

    @Test
    void everyAddressOfANameIsTriedInTurn() throws Exception {
        try (ScriptedServer server = ScriptedServer.start("127.0.0.3", 0)) {
            FakeResolver resolver = new FakeResolver().name("many.test", "127.0.0.2", "127.0.0.4", "127.0.0.3");
            try (ConnectorRig rig = new ConnectorRig(NettyConnector.builder().resolver(resolver))) {
                NettyLink link = rig.dial("test", "many.test", server.port()).link();

                assertThat(link.channel().remoteAddress()).isEqualTo(new InetSocketAddress("127.0.0.3", server.port()));
                server.accept();
                assertThat(server.connections()).isEqualTo(1);
            }
        }
    }

    @Test
    void aSilentAddressLeavesTimeForTheNext() throws Exception {
        try (ScriptedServer server = ScriptedServer.start("127.0.0.3", 0);
                FullBacklog silence = new FullBacklog("127.0.0.2", server.port())) {
            FakeResolver resolver = new FakeResolver().name("many.test", "127.0.0.2", "127.0.0.3");
            try (ConnectorRig rig = new ConnectorRig(NettyConnector.builder().resolver(resolver))) {
                RecordingEvents events = new RecordingEvents();

                Endpoint endpoint = Endpoint.of("test", "many.test", server.port());
                rig.connector.connect(DialRequest.of(endpoint, Duration.ofMillis(600)), events);

                assertThat(ConnectorRig.remoteOf(events.link()).getAddress().getHostAddress())
                        .isEqualTo("127.0.0.3");
            }
        }
    }

    @Test
    void ifAllAddressesFailTheFirstErrorIsReportedAndTheOthersAreAttached() throws Exception {
        FakeResolver resolver = new FakeResolver().name("many.test", "127.0.0.2", "255.255.255.255", "127.0.0.4");
        try (ConnectorRig rig = new ConnectorRig(NettyConnector.builder().resolver(resolver))) {
            DialException failure = rig.dial("test", "many.test", freePort()).failure();

            assertThat(failure.errorNumber()).isEqualTo(111);
            assertThat(failure.getCause()).hasMessageContaining("127.0.0.2");
            assertThat(failure.getSuppressed()).hasSize(2).allMatch(DialException.class::isInstance);
            assertThat(failure.getSuppressed()[1].getCause()).hasMessageContaining("127.0.0.4");
        }
    }

    @Test
    void aDialThatIsStoppedWhileConnectingIsAnsweredOnceAndLeavesNothing() throws Exception {
        try (ScriptedServer unrelated = ScriptedServer.start();
                FullBacklog silence = new FullBacklog("127.0.0.2", unrelated.port());
                ConnectorRig rig = ConnectorRig.withDefaults()) {
            RecordingEvents events = new RecordingEvents();
            Dial dial = rig.dial(Endpoint.of("test", "127.0.0.2", unrelated.port()), events)
                    .dial();

            dial.stop();
            dial.stop();

            DialException failure = events.failure();
            assertThat(failure.phase()).isEqualTo(Phase.CONNECT);
            assertThat(failure.text()).isEqualTo("stopped");
            dial.stop();
            assertThat(rig.dial(unrelated).link().channel().isActive()).isTrue();
            assertThat(events.answers).hasValue(1);
        }
    }

    @Test
    void aDialThatIsStoppedTooLateLeavesItsLinkOpen() throws Exception {
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = ConnectorRig.withDefaults()) {
            RecordingEvents events = new RecordingEvents();
            Dial dial = rig.dial(Endpoint.of("test", "127.0.0.1", server.port()), events)
                    .dial();
            NettyLink link = events.link();

            dial.stop();

            ConnectorRig.awaitEventLoop(link);
            assertThat(events.answers).hasValue(1);
            assertThat(link.channel().isActive()).isTrue();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFailureIsReportedAfterItsDescriptorsAreClosed() throws Exception {
        try (ScriptedServer server = ScriptedServer.start();
                FullBacklog silence = new FullBacklog("127.0.0.2", server.port());
                ConnectorRig rig = ConnectorRig.withDefaults()) {
            warmUp(rig, server);
            long before = SocketStats.open();
            CompletableFuture<Long> atFailure = new CompletableFuture<>();
            RecordingEvents events = new RecordingEvents() {
                @Override
                public void failed(Throwable cause) {
                    atFailure.complete(SocketStats.open());
                }
            };

            rig.dial(Endpoint.of("test", "127.0.0.2", server.port()), events)
                    .dial()
                    .stop();

            assertThat(atFailure.get(20, TimeUnit.SECONDS)).isLessThanOrEqualTo(before);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aLinkIsReportedClosedAfterItsDescriptorIsClosed() throws Exception {
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = ConnectorRig.withDefaults()) {
            warmUp(rig, server);
            CompletableFuture<Long> atClose = new CompletableFuture<>();
            RecordingEvents events = new RecordingEvents() {
                @Override
                public void closed(Throwable cause) {
                    atClose.complete(SocketStats.open());
                }
            };
            rig.dial(Endpoint.of("test", "127.0.0.1", server.port()), events);
            NettyLink link = events.link();
            server.accept();
            long before = SocketStats.open();

            link.close();

            assertThat(atClose.get(20, TimeUnit.SECONDS)).isLessThan(before);
        }
    }

    @Test
    void manyRefusedDialsLeaveNoDescriptor() throws Exception {
        int port = freePort();
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = ConnectorRig.withDefaults()) {
            warmUp(rig, server);
            long before = SocketStats.open();
            for (int i = 0; i < 3_000; i++) {
                rig.dial("test", "127.0.0.1", port).failure();
            }
            assertThat(SocketStats.open()).isLessThanOrEqualTo(before);
        }
    }

    @Test
    void aDialOnLoopsThatAreShutDownFailsAtOnce() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        ConnectorRig rig = new ConnectorRig(NettyConnector.builder().eventLoopGroup(loops));
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();

        RecordingEvents events = new RecordingEvents();
        Dial dial = rig.dial(Endpoint.of("test", "127.0.0.1", 9), events).dial();
        dial.stop();

        assertThat(events.failure().text()).contains("event loop is shut down");
        assertThat(events.answers).hasValue(1);
    }

    @Test
    void aDialOnLoopsThatAreShuttingDownFailsWithThatReason() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        ConnectorRig rig = new ConnectorRig(NettyConnector.builder().eventLoopGroup(loops));
        // During the quiet period of the shutdown the event loops still take tasks.
        loops.shutdownGracefully(1, 10, TimeUnit.SECONDS);

        DialException failure = rig.dial("test", "127.0.0.1", 9).failure();

        assertThat(failure.text()).isEqualTo("the event loop is shut down");
    }

    @Test
    void aDialThatHangsWhenItsLoopIsShutDownIsAnsweredWhenStopped() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        FakeResolver resolver = new FakeResolver().stuck("stuck.test");
        ConnectorRig rig =
                new ConnectorRig(NettyConnector.builder().eventLoopGroup(loops).resolver(resolver));
        RecordingEvents events = new RecordingEvents();
        Dial dial = rig.dial(Endpoint.of("test", "stuck.test", 9), events).dial();
        resolver.nextStuck();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();

        dial.stop();

        assertThat(events.failure()).isNotNull();
        assertThat(events.answers).hasValue(1);
    }

    @Test
    void aLinkWhoseLoopIsShutDownIsClosedAndReportsItOnce() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (ScriptedServer server = ScriptedServer.start()) {
            ConnectorRig rig = new ConnectorRig(NettyConnector.builder().eventLoopGroup(loops));
            RecordingEvents events = rig.dial(server);
            NettyLink link = events.link();
            FakeLease lease = new FakeLease(link, events);
            lease.connection().channel();
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();

            lease.release();
            link.close();

            assertThat(events.reusable()).isFalse();
            events.closeCause();
            assertThat(events.closes).hasValue(1);
        }
    }

    @Test
    void connectNeverBlocksItsCallerEvenIfTheEventLoopIsBlocked() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(NettyConnector.builder().eventLoopGroup(loops))) {
            CountDownLatch go = ConnectorRig.blockEventLoop(rig.dial(server).link());

            RecordingEvents events = rig.dial(server);

            assertThat(events.isAnswered()).isFalse();
            go.countDown();
            assertThat(events.link()).isNotNull();
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    /** Lets each event loop of the connector open the descriptors that it keeps. */
    private static void warmUp(ConnectorRig rig, ScriptedServer server) throws Exception {
        for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
            rig.dial(server).link();
            server.accept();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
