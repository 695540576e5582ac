package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.AttributeKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Fault catalogue, parts H, I and J: the faults that need sockets. Late writes, event loops, interrupts, the end of the
 * JVM.
 */
@EnabledOnOs(OS.LINUX)
class FaultsOfLoopsTest extends SocketManagerRig {
    @Test
    @Tag("H08")
    void framesWrittenDuringAReleaseGoOutWholeAndBeforeTheNextHoldersFramesOrNotAtAll() throws Exception {
        manager(1, 1);
        Random random = new Random(8);
        for (int holder = 0; holder < 300; holder++) {
            Lease<NettyConnection> lease = acquired();
            FrameStream<String> frames = lease.connection().start(new RecordingListener<>());
            String name = "holder " + holder;
            int maxFrames = random.nextInt(20);
            CountDownLatch writing = new CountDownLatch(1);
            Thread writer = new Thread(() -> {
                try {
                    writing.countDown();
                    for (int i = 0; i <= maxFrames; i++) {
                        frames.send(name + " writes");
                    }
                } catch (IllegalStateException released) {
                    // this frame is not sent, and no later one is
                }
            });
            writer.start();
            writing.await();
            for (int spin = random.nextInt(20_000); spin > 0; spin--) {
                Thread.onSpinWait();
            }
            lease.release();
            writer.join();
        }
        leakCheck().check();
        List<Integer> holders = new ArrayList<>();
        for (String line : server.lines) {
            assertThat(line).matches("holder \\d+ writes");
            holders.add(Integer.valueOf(line.split(" ")[1]));
        }
        assertThat(holders)
                .as("lines of one holder never come among lines of a later one")
                .isSorted()
                .hasSizeGreaterThan(100);
    }

    @Test
    @Tag("I08")
    void whenTheEventLoopsAreShutDownEachCallEndsWithAClearErrorAndThePermitsAreFree() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        manager(NettyConnector.builder().eventLoopGroup(loops), 2, 1, options -> options);
        Lease<NettyConnection> held = acquired();
        CompletableFuture<Lease<NettyConnection>> waiting = manager.acquire(endpoint);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        assertThat(failed(waiting)).hasMessageContaining("event loop is shut down");
        assertThat(held.release()).isTrue();
        AcquireException late = failed(manager.acquire(server.endpoint(1)));
        assertThat(late)
                .isInstanceOf(AcquireException.DialFailed.class)
                .hasMessageContaining("event loop is shut down");
        await().untilAsserted(() -> assertThat(manager.snapshot().all().open()).isZero());
        manager.close();
        manager.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    @Tag("I11")
    void anInterruptOfAHoldersThreadClosesNoConnection() throws Exception {
        manager(2, 2);
        Lease<NettyConnection> mine = acquired();
        Lease<NettyConnection> other = acquired();
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread user = new Thread(() -> {
            Thread.currentThread().interrupt();
            mine.connection().start(new RecordingListener<>()).send("an interrupted thread's line");
            interrupted.complete(Thread.interrupted());
        });
        user.start();
        assertThat(interrupted.get(20, TimeUnit.SECONDS))
                .as("the interrupt flag stays set")
                .isTrue();
        await().until(() -> server.lines.contains("an interrupted thread's line"));
        exchange(other);
        assertThat(mine.release()).isTrue();
        assertThat(other.release()).isTrue();
        await().until(() -> manager.snapshot().all().idle() == 2);
        assertThat(server.open()).isEqualTo(2);
        assertThat(manager.acquire(endpoint).join().release()).isTrue();
        assertThat(server.total()).isEqualTo(2);
    }

    @Test
    @Tag("I11")
    void anInterruptOfABlockingAcquireClosesNoConnection() throws Exception {
        manager(1, 1);
        Lease<NettyConnection> held = acquired();
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread waiting = new Thread(() -> {
            try {
                manager.blocking().acquire(endpoint);
            } catch (Throwable failure) {
                thrown.complete(failure);
            }
        });
        waiting.start();
        await().until(() -> manager.snapshot().all().waiting() == 1);
        waiting.interrupt();
        assertThat(thrown.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        exchange(held);
        held.release();
        assertThat(acquired().release()).isTrue();
        assertThat(server.total()).isEqualTo(1);
    }

    @Test
    @Tag("I19")
    void whenMainReturnsWithConnectionsIdleAndLeasedTheJvmExits() throws Exception {
        manager(1, 1);
        CountingServer programs = new CountingServer();
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        ReturnsFromMain.class.getName(),
                        String.valueOf(programs.endpoint().port()))
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS))
                    .as("the program ends")
                    .isTrue();
            String output = new String(process.getInputStream().readAllBytes());
            assertThat(output).isEqualToIgnoringNewLines("1 idle, 1 leased");
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
            programs.close();
        }
    }

    /** A program that does not close its manager. */
    static final class ReturnsFromMain {
        private ReturnsFromMain() {}

        public static void main(String[] arguments) throws Exception {
            var manager = ConnectionManager.builder(NettyConnector.create()).build();
            int port = Integer.parseInt(arguments[0]);
            Lease<NettyConnection> idle = manager.blocking().acquire(Endpoint.of("a", "127.0.0.1", port));
            idle.release();
            Lease<NettyConnection> leased = manager.blocking().acquire(Endpoint.of("b", "127.0.0.1", port));
            var all = manager.snapshot().all();
            System.out.println(all.idle() + " idle, " + leased.uses() + " leased");
        }
    }

    @Test
    @Tag("J02")
    void closingTheManagerStopsLookupsConnectsAndHandshakesAndLeavesNoSocket() throws Exception {
        FakeResolver resolver = new FakeResolver().stuck("stuck.test");
        try (FullBacklog silent = new FullBacklog();
                ScriptedServer mute = ScriptedServer.start()) {
            manager(
                    NettyConnector.builder().resolver(resolver).tls(Certificates.clientContext()),
                    8,
                    2,
                    options -> options);
            Lease<NettyConnection> held = acquired();
            List<CompletableFuture<Lease<NettyConnection>>> dials = List.of(
                    manager.acquire(Endpoint.of("line", "stuck.test", 1)),
                    manager.acquire(silent.endpoint()),
                    manager.acquire(Endpoint.of("https", "127.0.0.1", mute.port())));
            resolver.nextStuck();
            mute.accept();
            manager.close();
            for (CompletableFuture<Lease<NettyConnection>> one : dials) {
                assertThat(failed(one)).isInstanceOf(AcquireException.Closed.class);
            }
            manager.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
            assertThat(held.release()).isTrue();
            await().untilAsserted(() -> assertThat(server.open()).isZero());
        } finally {
            resolver.close();
        }
    }

    @Test
    @Tag("J09")
    void aReusedConnectionHasItsOriginalHandlersAndNoAttributeOfTheLibrary() throws Exception {
        manager(1, 1);
        Lease<NettyConnection> first = acquired();
        Channel channel = first.connection().channel();
        List<String> fresh = channel.pipeline().names();
        first.release();
        for (int i = 0; i < 3; i++) {
            Lease<NettyConnection> lease = acquired();
            exchange(lease);
            assertThat(lease.release()).isTrue();
        }
        Lease<NettyConnection> last = got(manager.acquire(AcquireRequest.to(endpoint)));
        assertThat(last.connection().channel()).isSameAs(channel);
        assertThat(last.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        assertThat(channel.pipeline().names()).isEqualTo(fresh);
        assertThat(channel.hasAttr(AttributeKey.valueOf("keepalive"))).isFalse();
        last.release();
    }
}
