package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.Dial;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** Resolvers of users: Netty's own, and those that break their contract. */
class ForeignResolverTest {
    @Test
    void aResolverThatAnswersWithNullsFailsTheDialAndIsNamed() throws Exception {
        FakeResolver resolver = new FakeResolver().stuck("a.test");
        try (ConnectorRig rig = new ConnectorRig(NettyConnector.builder().resolver(resolver))) {
            RecordingEvents nothing = rig.dial("test", "a.test", 9);
            resolver.nextStuck().promise().setSuccess(null);
            assertThat(nothing.failure().phase()).isEqualTo(Phase.RESOLVE);
            assertThat(nothing.failure().text())
                    .isEqualTo("the resolver dev.keepalive.netty.FakeResolver answered with null instead of the"
                            + " addresses of 'a.test'");

            RecordingEvents holes = rig.dial("test", "a.test", 9);
            resolver.nextStuck().promise().setSuccess(Collections.singletonList(null));
            assertThat(holes.failure().phase()).isEqualTo(Phase.RESOLVE);
            assertThat(holes.failure().text())
                    .isEqualTo("the resolver dev.keepalive.netty.FakeResolver answered with null among the addresses"
                            + " of 'a.test'");
        }
    }

    @Test
    void aResolverGroupThatReturnsNullFailsTheDialAndIsNamed() throws Exception {
        try (ConnectorRig rig = new ConnectorRig(NettyConnector.builder().resolver(new GroupOfNull(null)))) {
            assertThat(rig.dial("test", "a.test", 9).failure().text())
                    .isEqualTo("the resolver " + GroupOfNull.class.getName()
                            + " returned null instead of a resolver for an event loop");
        }
        try (ConnectorRig rig =
                new ConnectorRig(NettyConnector.builder().resolver(new GroupOfNull(new NullResolver())))) {
            assertThat(rig.dial("test", "a.test", 9).failure().text())
                    .isEqualTo("the resolver " + GroupOfNull.class.getName()
                            + " returned null instead of a future for 'a.test'");
        }
    }

    /** Netty's resolvers throw when they answer a lookup that was cancelled, and Netty logs that. */
    @Test
    void anAnswerToALookupThatWasGivenUpIsNotLogged() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        List<LogRecord> warnings = new CopyOnWriteArrayList<>();
        Handler recorder = recorderInto(warnings);
        Logger logger = Logger.getLogger("io.netty");
        logger.addHandler(recorder);
        Transport transport = Transport.best();
        EventLoopGroup oneLoop = new MultiThreadIoEventLoopGroup(1, transport.ioHandlerFactory());
        try (OddNameServer names = OddNameServer.start(query -> answerAfter(release, query));
                ScriptedServer server = ScriptedServer.start();
                DnsAddressResolverGroup resolver = new DnsAddressResolverGroup(new DnsNameResolverBuilder()
                        .datagramChannelType(transport.udp())
                        .searchDomains(List.of())
                        .nameServerProvider(new SequentialDnsServerAddressStreamProvider(names.address())));
                ConnectorRig rig = new ConnectorRig(
                        NettyConnector.builder().eventLoopGroup(oneLoop).resolver(resolver))) {
            RecordingEvents events = new RecordingEvents();
            Dial dial = rig.dial(Endpoint.of("test", "a.test", server.port()), events)
                    .dial();
            await().until(() -> !names.queries.isEmpty());
            dial.stop();
            events.failure();

            release.countDown();

            // This answer comes to the same event loop after the one that was given up.
            assertThat(rig.dial("test", "b.test", server.port()).link()).isNotNull();
            assertThat(warnings).extracting(LogRecord::getMessage).isEmpty();
        } finally {
            logger.removeHandler(recorder);
            oneLoop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private static byte[] answerAfter(CountDownLatch release, OddNameServer.Query query) {
        try {
            release.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return query.ipv4("127.0.0.1");
    }

    private static Handler recorderInto(List<LogRecord> warnings) {
        return new Handler() {
            @Override
            public void publish(LogRecord each) {
                if (each.getLevel().intValue() >= Level.WARNING.intValue()) {
                    warnings.add(each);
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    /** A group that is wrong: it gives this resolver, or null. */
    private static final class GroupOfNull extends AddressResolverGroup<InetSocketAddress> {
        private final AddressResolver<InetSocketAddress> resolver;

        GroupOfNull(AddressResolver<InetSocketAddress> resolver) {
            this.resolver = resolver;
        }

        @Override
        public AddressResolver<InetSocketAddress> getResolver(EventExecutor executor) {
            return resolver;
        }

        @Override
        protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
            return resolver;
        }
    }

    /** A resolver that is wrong: it returns null. */
    private static final class NullResolver implements AddressResolver<InetSocketAddress> {
        @Override
        public boolean isSupported(SocketAddress address) {
            return true;
        }

        @Override
        public boolean isResolved(SocketAddress address) {
            return false;
        }

        @Override
        public Future<InetSocketAddress> resolve(SocketAddress address) {
            return null;
        }

        @Override
        public Future<InetSocketAddress> resolve(SocketAddress address, Promise<InetSocketAddress> promise) {
            return null;
        }

        @Override
        public Future<List<InetSocketAddress>> resolveAll(SocketAddress address) {
            return null;
        }

        @Override
        public Future<List<InetSocketAddress>> resolveAll(
                SocketAddress address, Promise<List<InetSocketAddress>> promise) {
            return null;
        }

        @Override
        public void close() {}
    }
}
