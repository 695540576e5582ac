package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Fault catalogue, part D: the faults that need sockets or lookups. */
@EnabledOnOs(OS.LINUX)
class FaultsOfDialsTest extends SocketManagerRig {
    private final FakeResolver resolver = new FakeResolver();

    @Test
    @Tag("D01")
    void aRefusedAddressIsNotReportedIfAnotherOneConnects() throws Exception {
        try (ScriptedServer answers = ScriptedServer.start("127.0.0.3", 0)) {
            resolver.name("many.test", "127.0.0.2", "127.0.0.3");
            manager(NettyConnector.builder().resolver(resolver), 2, 2, options -> options);

            Lease<NettyConnection> lease = got(manager.acquire(Endpoint.of("line0", "many.test", answers.port())));

            answers.accept();
            assertThat(manager.snapshot().totals().dialsFailed()).isZero();
            assertThat(manager.snapshot().all().open()).isEqualTo(1);
            lease.invalidate();
        }
    }

    @Test
    @Tag("D02")
    @Tag("D03")
    void ifOneAddressIsSilentTheOtherOneIsUsedAndTheLosingSocketIsClosedAndNotCounted() throws Exception {
        try (ScriptedServer answers = ScriptedServer.start("127.0.0.3", 0);
                FullBacklog silent = new FullBacklog("127.0.0.2", answers.port())) {
            resolver.name("many.test", "127.0.0.2", "127.0.0.3");
            manager(NettyConnector.builder().resolver(resolver), 1, 1, options -> options);
            Endpoint named = Endpoint.of("line0", "many.test", answers.port());
            long before = SocketStats.open();

            Lease<NettyConnection> lease = got(manager.acquire(named));

            answers.accept();
            assertThat(manager.snapshot().all().open()).isEqualTo(1);
            assertThat(SocketStats.open())
                    .as("sockets: the two ends of the connection")
                    .isLessThanOrEqualTo(before + 2);
            lease.release();
            silent.startAccepting();
            assertThat(got(manager.acquire(named)).release()).isTrue();
            assertThat(answers.connections()).isEqualTo(1);
            assertThat(manager.snapshot().totals().opened()).isEqualTo(1);
        }
    }

    @Test
    @Tag("D02")
    void ofTwentySilentAddressesNoMoreAreOpenThanThePaceAllowsAndTheTimeoutHolds() throws Exception {
        List<FullBacklog> silent = new ArrayList<>();
        List<String> addresses = new ArrayList<>();
        try {
            silent.add(new FullBacklog());
            int port = silent.get(0).endpoint().port();
            for (int i = 1; i <= 20; i++) {
                addresses.add("127.0.2." + i);
                silent.add(new FullBacklog("127.0.2." + i, port));
            }
            resolver.name("silent.test", addresses.toArray(String[]::new));
            manager(
                    NettyConnector.builder().resolver(resolver),
                    2,
                    1,
                    options -> options.dialTimeout(Duration.ofMillis(900)));
            acquired().release();
            // Only then has the server accepted, and its socket counts among the open ones.
            await().until(() -> server.open() == 1);
            long before = SocketStats.open();
            long start = System.nanoTime();

            CompletableFuture<Lease<NettyConnection>> acquired =
                    manager.acquire(Endpoint.of("line", "silent.test", port));
            long maxOpen = 0;
            while (!acquired.isDone()) {
                long open = SocketStats.open() - before;
                long startedByNow = 1 + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) / 250;
                assertThat(open).isLessThanOrEqualTo(startedByNow);
                maxOpen = Math.max(maxOpen, open);
            }

            assertThat(failed(acquired).phase()).isEqualTo(Phase.CONNECT);
            assertThat(maxOpen).isGreaterThan(1);
            await().until(() -> SocketStats.open() <= before);
        } finally {
            for (FullBacklog each : silent) {
                each.close();
            }
        }
    }

    @Test
    @Tag("D04")
    void ifAllAddressesFailThereIsOneErrorWithTheOthersAttachedAndNoPermitIsLost() throws Exception {
        resolver.name("many.test", "127.0.0.2", "127.0.0.3", "127.0.0.4");
        Endpoint named =
                Endpoint.of("line0", "many.test", PoeRig.withoutServer().port());
        manager(NettyConnector.builder().resolver(resolver), 1, 1, options -> options);

        AcquireException failure = failed(manager.acquire(named));

        assertThat(failure.errorNumber()).isEqualTo(111);
        assertThat(failure.getCause().getSuppressed()).hasSize(2);
    }

    @Test
    @Tag("D07")
    void aResolverThatNeverAnswersDelaysOnlyItsOwnEndpoint() throws Exception {
        resolver.stuck("stuck.test").name("a.test", "127.0.0.1");
        manager(
                NettyConnector.builder().resolver(resolver),
                2,
                1,
                options -> options.dialTimeout(Duration.ofMillis(400)));
        Endpoint stuck = Endpoint.of("line9", "stuck.test", server.endpoint().port());
        CompletableFuture<Lease<NettyConnection>> waiting = manager.acquire(stuck);
        resolver.nextStuck();

        Endpoint other = Endpoint.of("line0", "a.test", server.endpoint().port());
        Lease<NettyConnection> lease = got(manager.acquire(other));
        exchange(lease);
        lease.release();

        assertThat(failed(waiting).phase()).isEqualTo(Phase.RESOLVE);
        endpoint = other;
    }

    @Test
    @Tag("D11")
    void aServerThatClosesEachConnectionAtOnceIsDialedAtMostOncePerAcquire() throws Exception {
        endsAtOnce(ScriptedServer.Peer::close);
    }

    @Test
    @Tag("D12")
    void aServerThatResetsEachConnectionAtOnceIsDialedAtMostOncePerAcquire() throws Exception {
        endsAtOnce(ScriptedServer.Peer::reset);
    }

    /** How the server ends an accepted connection. */
    interface ConnectionEnd {
        void apply(ScriptedServer.Peer peer) throws Exception;
    }

    private void endsAtOnce(ConnectionEnd end) throws Exception {
        int acquires = 20;
        try (ScriptedServer closingServer = ScriptedServer.start()) {
            Thread ending = new Thread(() -> {
                try {
                    while (true) {
                        end.apply(closingServer.accept());
                    }
                } catch (Exception | AssertionError theServerIsClosed) {
                    return;
                }
            });
            ending.setDaemon(true);
            ending.start();
            manager(2, 1);
            Endpoint target = Endpoint.of("test", "127.0.0.1", closingServer.port());
            for (int i = 0; i < acquires; i++) {
                try {
                    manager.blocking().acquire(target).release();
                } catch (AcquireException e) {
                    assertThat(e).isInstanceOf(AcquireException.DialFailed.class);
                }
            }
            await().until(() -> manager.snapshot().all().open() == 0);
            assertThat(closingServer.connections()).isLessThanOrEqualTo(acquires);
        }
    }

    @Test
    @Tag("D13")
    void aGreetingIsForTheFirstHolderButNotIfItComesWhileTheConnectionIsIdle() throws Exception {
        try (ScriptedServer greeter = ScriptedServer.start()) {
            manager(4, 2);
            Endpoint target = Endpoint.of("test", "127.0.0.1", greeter.port());
            CompletableFuture<Lease<NettyConnection>> first = manager.acquire(target);
            ScriptedServer.Peer peer = greeter.accept();
            got(first).release();
            await().until(() -> manager.snapshot().all().idle() == 1);

            peer.send("220 late greeting\r\n");

            await().until(() -> manager.snapshot().all().open() == 0);
            CompletableFuture<Lease<NettyConnection>> second = manager.acquire(target);
            greeter.accept().send("220 hello\r\n");
            Lease<NettyConnection> lease = got(second);
            RecordingListener<String> replies = new RecordingListener<>();
            lease.connection().start(replies);
            assertThat(replies.next()).isEqualTo("220 hello");
            lease.invalidate();
        }
    }

    @Test
    @Tag("D17")
    void anEmptyManagerDialsForAllWaitersAtOnceAsFarAsItsLimitsAllow() throws Exception {
        try (FullBacklog silent = new FullBacklog()) {
            manager(8, 6);
            List<CompletableFuture<Lease<NettyConnection>>> waiting = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                waiting.add(manager.acquire(silent.endpoint()));
            }

            await().until(() -> manager.snapshot().all().dialing() == 6);

            waiting.forEach(each -> each.cancel(false));
        }
    }

    @Test
    @Tag("D18")
    void aHostThatRefusesIsNotDialedForEachAcquireAndServesAgainWhenItIsBack() throws Exception {
        Endpoint refusing = PoeRig.withoutServer();
        manager(
                NettyConnector.builder(),
                4,
                2,
                options -> options.dialBackOff(Duration.ofMillis(50), Duration.ofMillis(100)));
        int acquires = 2_000;
        for (int i = 0; i < acquires; i++) {
            assertThat(failed(manager.acquire(refusing)).errorNumber()).isEqualTo(111);
        }
        assertThat(manager.snapshot().totals().dialsFailed()).isLessThan(acquires / 2);

        try (ScriptedServer back = ScriptedServer.start("127.0.0.1", refusing.port())) {
            await().ignoreExceptions()
                    .until(() -> manager.blocking().acquire(refusing).release());
            back.accept();
        }
        await().until(() -> manager.snapshot().all().open() == 0);
    }

    @Test
    @Tag("D20")
    void ifEveryThirdDialFailsEachAcquireIsAnsweredOnceAndTheOthersAreServed() throws Exception {
        int acquires = 400;
        FakeResolver flaky = new FakeResolver().stuck("flaky.test");
        Thread answers = new Thread(() -> {
            try {
                for (int i = 0; ; i++) {
                    flaky.nextStuck().answer(i % 3 == 0 ? "255.255.255.255" : "127.0.0.1");
                }
            } catch (Exception | AssertionError theTestIsOver) {
                return;
            }
        });
        answers.setDaemon(true);
        answers.start();
        manager(
                NettyConnector.builder().resolver(flaky),
                4,
                4,
                options -> options.dialBackOff(Duration.ofMillis(1), Duration.ofMillis(2)));
        Endpoint target = Endpoint.of("line0", "flaky.test", server.endpoint().port());
        List<CompletableFuture<String>> answered = new ArrayList<>();
        for (int i = 0; i < acquires; i++) {
            answered.add(manager.acquire(target).handle((lease, failure) -> {
                if (lease == null) {
                    return "failed";
                }
                lease.invalidate();
                return "served";
            }));
        }
        CompletableFuture.allOf(answered.toArray(CompletableFuture[]::new)).join();
        assertThat(answered.stream().map(CompletableFuture::join)).contains("served", "failed");
        await().until(() -> manager.snapshot().all().open() == 0);
        assertThat(got(manager.acquire(endpoint)).origin()).isEqualTo(LeaseOrigin.NEW);
        manager.close();
        leakCheck().checkClosed();
    }

    @Test
    @Tag("D21")
    void aLoopWhoseConnectionsAreIdleSleepsUntilThereIsSomethingToDo() throws Exception {
        AtomicLong turns = new AtomicLong();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                1,
                executor -> new CountingHandler(
                        new NioTransport().ioHandlerFactory().newHandler(executor), turns));
        try {
            manager(NettyConnector.builder().eventLoopGroup(loops), 4, 2, options -> options);
            Lease<NettyConnection> lease = acquired();
            exchange(lease);
            lease.release();
            await().until(() -> manager.snapshot().all().idle() == 1);
            long before = turns.get();

            loops.next().schedule(() -> {}, 300, TimeUnit.MILLISECONDS).sync();

            assertThat(turns.get() - before).isLessThan(100);
            manager.close();
            leakCheck().checkClosed();
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    /** Counts how often an event loop polls its selector. */
    private record CountingHandler(IoHandler handler, AtomicLong turns) implements IoHandler {
        @Override
        public void initialize() {
            handler.initialize();
        }

        @Override
        public int run(IoHandlerContext context) {
            turns.incrementAndGet();
            return handler.run(context);
        }

        @Override
        public void prepareToDestroy() {
            handler.prepareToDestroy();
        }

        @Override
        public void destroy() {
            handler.destroy();
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
            return handler.register(handle);
        }

        @Override
        public void wakeup() {
            handler.wakeup();
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
            return handler.isCompatible(type);
        }
    }
}
