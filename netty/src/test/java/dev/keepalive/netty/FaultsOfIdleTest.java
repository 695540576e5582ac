package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.testkit.FakeTime;
import dev.keepalive.testservers.TestServer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Fault catalogue, parts D, F and G: what peers do to idle connections, and what the system and the server see of it.
 */
@EnabledOnOs(OS.LINUX)
class FaultsOfIdleTest extends SocketManagerRig {
    private final Queue<CloseReason> closed = new ConcurrentLinkedQueue<>();
    private final ConnectionListener listener = new ConnectionListener() {
        @Override
        public void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
            closed.add(reason);
        }
    };

    // ---- the server closes idle connections

    @Test
    @Tag("F08")
    @Tag("G01")
    void idleConnectionsThatTheServerClosesAreClosedWithoutTrafficAndNoneStaysInCloseWait() throws Exception {
        openIdle(100);
        server.endAll(false);
        await().untilAsserted(() -> {
            assertThat(manager.snapshot().all().open()).isZero();
            assertThat(SocketStats.connectionsTo(endpoint.port(), SocketStats.State.CLOSE_WAIT))
                    .isZero();
        });
        await().untilAsserted(() -> assertThat(closed).hasSize(100).containsOnly(CloseReason.PEER_CLOSED));
        assertThat(server.open()).isZero();
    }

    @Test
    @Tag("G02")
    void idleConnectionsThatTheServerResetsAreClosedWithoutTraffic() throws Exception {
        openIdle(100);
        server.endAll(true);
        await().untilAsserted(() -> assertThat(manager.snapshot().all().open()).isZero());
        await().untilAsserted(() -> assertThat(closed).hasSize(100).containsOnly(CloseReason.PEER_CLOSED));
        assertThat(acquired().release()).isTrue();
    }

    @Test
    @Tag("G01")
    void aConnectionThatARealServerClosesAtItsIdleTimeoutIsClosedWithoutTraffic() throws Exception {
        try (TestServer nginx = TestServer.nginx("listen 127.0.0.1:PORT;", "keepalive_timeout 50ms;", HELLO)) {
            manager(NettyConnector.builder(), 4, 4, options -> options.listener(listener));
            Endpoint real = Endpoint.of("http", "127.0.0.1", nginx.port());
            Lease<NettyConnection> lease = got(manager.acquire(real));
            assertThat(answers(lease)).isTrue();
            lease.release();
            await().untilAsserted(() -> assertThat(closed).containsExactly(CloseReason.PEER_CLOSED));
            assertThat(manager.snapshot().all().open()).isZero();
        }
    }

    /**
     * The requests come at about the idle timeout of the server. A user whose connection was closed repeats the
     * request, on a new connection at last.
     */
    @Test
    @Tag("G03")
    void aRequestAtTheServersIdleTimeoutFailsBeforeItsAnswerOrNotAtAll() throws Exception {
        ScheduledExecutorService users = Executors.newScheduledThreadPool(8);
        try (TestServer nginx = TestServer.nginx("listen 127.0.0.1:PORT;", "keepalive_timeout 50ms;", HELLO)) {
            manager(8, 8);
            AtomicReference<Throwable> wrong = new AtomicReference<>();
            CountDownLatch answers = new CountDownLatch(8 * 40);
            for (int user = 0; user < 8; user++) {
                Endpoint real = Endpoint.of("user" + user, "127.0.0.1", nginx.port());
                users.scheduleWithFixedDelay(
                        () -> {
                            try {
                                requestWithRetry(real);
                            } catch (Throwable thrown) {
                                wrong.set(thrown);
                            }
                            answers.countDown();
                        },
                        0,
                        46 + user,
                        TimeUnit.MILLISECONDS);
            }
            assertThat(answers.await(60, TimeUnit.SECONDS)).isTrue();
            users.shutdown();
            assertThat(users.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
            assertThat(wrong.get()).isNull();
            await().untilAsserted(
                            () -> assertThat(manager.snapshot().all().open()).isZero());
        } finally {
            users.shutdownNow();
        }
    }

    private void requestWithRetry(Endpoint real) throws Exception {
        Lease<NettyConnection> lease = manager.blocking().acquire(real);
        if (!answers(lease)) {
            assertThat(lease.origin())
                    .as("the server never closes a new connection")
                    .isEqualTo(LeaseOrigin.IMMEDIATE);
            lease.invalidate();
            lease = manager.blocking().acquire(real);
            assertThat(answers(lease)).isTrue();
        }
        lease.release();
    }

    private static final String HELLO = "location / { return 200 \"hello\\n\"; }";

    /** Sends a request. True if the server answers; if it does not, it must have sent nothing. */
    private static boolean answers(Lease<NettyConnection> lease) throws Exception {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        List<String> lines = new ArrayList<>();
        FrameStream<String> frames = lease.connection().start(new FrameListener<String>() {
            @Override
            public void input(String line) {
                lines.add(line);
                if (line.equals("hello")) {
                    answer.complete(true);
                }
            }

            @Override
            public void ended(@Nullable Throwable error) {
                answer.complete(false);
            }
        });
        List.of("GET / HTTP/1.1", "Host: test", "").forEach(frames::send);
        boolean answered = answer.get(20, TimeUnit.SECONDS);
        assertThat(lines.isEmpty()).isNotEqualTo(answered);
        return answered;
    }

    // ---- the server sends unexpected input

    @Test
    @Tag("G07")
    void inputOnAnIdleConnectionReachesNoHolder() throws Exception {
        try (ScriptedServer talkative = ScriptedServer.start()) {
            manager(NettyConnector.builder(), 4, 1, options -> options.listener(listener));
            Endpoint other = Endpoint.of("line", "127.0.0.1", talkative.port());
            got(manager.acquire(other)).release();
            talkative.accept().send("HTTP/1.1 200 OK\r\n");
            await().untilAsserted(() -> assertThat(closed).containsExactly(CloseReason.UNEXPECTED_INPUT));
            Lease<NettyConnection> next = got(manager.acquire(other));
            assertThat(next.origin()).isEqualTo(LeaseOrigin.NEW);
            RecordingListener<String> listener = new RecordingListener<>();
            next.connection().start(listener);
            talkative.accept().send("mine\r\n");
            assertThat(listener.next()).isEqualTo("mine");
            next.invalidate();
        }
    }

    @Test
    @Tag("G22")
    void aConnectionToAServerThatNeverStopsSendingIsClosedAtOnce() throws Exception {
        try (ScriptedServer talkative = ScriptedServer.start()) {
            manager(NettyConnector.builder(), 4, 1, options -> options.listener(listener));
            got(manager.acquire(Endpoint.of("line", "127.0.0.1", talkative.port())))
                    .release();
            ScriptedServer.Peer peer = talkative.accept();
            String block = "x".repeat(64 * 1024);
            long sent = 0;
            try {
                // More than the buffers of both sockets hold.
                for (; sent < 1_000; sent++) {
                    peer.send(block);
                }
            } catch (IOException connectionClosed) {
                // expected
            }
            assertThat(sent).isLessThan(1_000);
            await().untilAsserted(() -> assertThat(closed).containsExactly(CloseReason.UNEXPECTED_INPUT));
        }
    }

    /**
     * A known limit: such input is delivered to the holder. The holder can tell that it is unexpected, since it comes
     * before the first request.
     */
    @Test
    @Tag("G08")
    void inputBetweenTheAcquireAndTheStartIsDeliveredToTheHolderFirst() throws Exception {
        try (ScriptedServer talkative = ScriptedServer.start()) {
            manager(4, 1);
            Endpoint other = Endpoint.of("line", "127.0.0.1", talkative.port());
            got(manager.acquire(other)).release();
            ScriptedServer.Peer peer = talkative.accept();
            Lease<NettyConnection> lease = got(manager.acquire(other));
            NettyConnection connection = lease.connection();
            peer.send("stale\r\n");
            RecordingListener<String> listener = new RecordingListener<>();
            FrameStream<String> frames = connection.start(listener);
            assertThat(listener.next()).isEqualTo("stale");
            frames.send("question");
            peer.readLine();
            lease.invalidate();
        }
    }

    /**
     * The output that the holder has sent goes out whole before a reset is done. A reset that takes longer than five
     * seconds is given up.
     */
    @Test
    @Tag("G10")
    void aConnectionReleasedWithUnsentOutputIsNotReused() throws Exception {
        try (ScriptedServer notReading = ScriptedServer.start()) {
            FakeTime time = new FakeTime();
            manager(NettyConnector.builder(), 4, 1, options -> options.listener(listener)
                    .time(time));
            Endpoint other = Endpoint.of("line", "127.0.0.1", notReading.port());
            Lease<NettyConnection> lease = got(manager.acquire(other));
            ConnectionRig.fill(lease.connection().start(new RecordingListener<>()));
            notReading.accept();
            assertThat(lease.release()).isTrue();
            CompletableFuture<Lease<NettyConnection>> waiting = manager.acquire(other);
            await().until(() -> manager.snapshot().all().resetting() == 1);
            time.advance(Duration.ofSeconds(5));
            Lease<NettyConnection> next = got(waiting);
            assertThat(next.origin()).isEqualTo(LeaseOrigin.NEW);
            await().untilAsserted(() -> assertThat(closed).containsExactly(CloseReason.STEP_TIMEOUT));
            next.invalidate();
        }
    }

    // ---- the number of connections

    @Test
    @Tag("F09")
    void tenThousandRequestsNeedNoMoreConnectionsThanTheLimitAndLeaveNoneInTimeWait() throws Exception {
        // Another server may have used this port a moment ago.
        long before = SocketStats.connectionsTo(endpoint.port(), SocketStats.State.TIME_WAIT);
        manager(8, 4);
        List<CompletableFuture<?>> users = new ArrayList<>();
        for (int user = 0; user < 16; user++) {
            users.add(CompletableFuture.runAsync(
                    () -> {
                        try {
                            for (int i = 0; i < 625; i++) {
                                Lease<NettyConnection> lease =
                                        manager.blocking().acquire(endpoint);
                                exchange(lease);
                                lease.release();
                            }
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    },
                    task -> new Thread(task).start()));
        }
        for (CompletableFuture<?> user : users) {
            user.get(120, TimeUnit.SECONDS);
        }
        assertThat(server.lines).hasSize(10_000);
        assertThat(server.total()).isLessThanOrEqualTo(4);
        assertThat(SocketStats.connectionsTo(endpoint.port(), SocketStats.State.TIME_WAIT))
                .isLessThanOrEqualTo(before);
    }

    /** The test blocks the only event loop, so that dials stay under way. */
    @Test
    @Tag("D16")
    void afterTheServerClosedAllConnectionsAThousandAcquiresAreServedWithinTheDialLimit() throws Exception {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        CountDownLatch go = new CountDownLatch(1);
        try {
            manager(NettyConnector.builder().eventLoopGroup(loop), 128, 32, options -> options.maxDialsPerEndpoint(8));
            List<Lease<NettyConnection>> held = new ArrayList<>();
            for (int i = 0; i < 128; i++) {
                held.add(got(manager.acquire(server.endpoint(i % 4))));
            }
            held.forEach(Lease::release);
            await().until(() -> manager.snapshot().all().idle() == 128);
            server.endAll(true);
            await().until(() -> manager.snapshot().all().open() == 0);

            loop.execute(() -> awaitUninterrupted(go));
            List<CompletableFuture<Integer>> uses = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                uses.add(manager.use(server.endpoint(i % 4), lease -> echoed(lease)));
            }
            assertThat(manager.snapshot().all().dialing()).isEqualTo(4 * 8);
            assertThat(manager.snapshot().all().waiting()).isEqualTo(1_000);
            go.countDown();

            for (CompletableFuture<Integer> one : uses) {
                assertThat(one.get(60, TimeUnit.SECONDS)).isEqualTo(1);
            }
            assertThat(server.mostOpen()).isEqualTo(128);
            assertThat(server.total()).isBetween(128 + 4, 128 + 128);
            leakCheck().check();
        } finally {
            go.countDown();
            manager.close();
            manager.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    private static CompletableFuture<Integer> echoed(Lease<NettyConnection> lease) {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        lease.connection()
                .start(new FrameListener<String>() {
                    @Override
                    public void input(String line) {
                        answer.complete(1);
                    }

                    @Override
                    public void ended(@Nullable Throwable error) {
                        answer.completeExceptionally(new IOException("ended", error));
                    }
                })
                .send("echo ping");
        return answer;
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Opens this many connections, and releases them. */
    private void openIdle(int count) throws Exception {
        manager(NettyConnector.builder(), count, count, options -> options.listener(listener)
                .idleTimeout(Duration.ofMinutes(10)));
        List<Lease<NettyConnection>> held = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            held.add(acquired());
        }
        held.forEach(Lease::release);
        await().until(() -> manager.snapshot().all().idle() == count && server.open() == count);
    }
}
