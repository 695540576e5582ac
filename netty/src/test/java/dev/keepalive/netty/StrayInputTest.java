package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.netty.ChattyServer.Kind;
import dev.keepalive.spi.Connector;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.hamcrest.Matchers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server says more than it was asked, at every moment, while clients release and acquire in the callback of the
 * answer. Nothing of that reaches another holder, and no request goes out on a connection on which too much was said.
 * {@code -Dexchanges=1000000} makes more of it.
 */
class StrayInputTest {
    private static final int EXCHANGES = Integer.getInteger("exchanges", 2_000);
    private static final RequestResponse<ByteBuf, ByteBuf> PROTOCOL =
            RequestResponse.of(ByteBuf.class, pipeline -> pipeline.addLast(new FixedLengthFrameDecoder(64)));

    /** Each answer fills a read, so that what is too much comes with the next read of the same pass. */
    private static final RequestResponse<ByteBuf, ByteBuf> IN_SMALL_READS =
            RequestResponse.of(ByteBuf.class, pipeline -> {
                pipeline.channel().config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(64));
                pipeline.addLast(new FixedLengthFrameDecoder(64));
            });

    private RequestResponse<ByteBuf, ByteBuf> protocol = PROTOCOL;
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, Transport.best().ioHandlerFactory());
    private final AtomicLong stamps = new AtomicLong();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger wrongAnswers = new AtomicInteger();
    private final AtomicInteger lostUnsent = new AtomicInteger();
    private final AtomicInteger lostPerhapsSent = new AtomicInteger();
    private final List<Throwable> otherFailures = new ArrayList<>();
    private final CountDownLatch done = new CountDownLatch(EXCHANGES);

    @AfterEach
    void stopLoops() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private Connector<Requests<ByteBuf, ByteBuf>> connector(EventLoopGroup loops) throws Exception {
        return NettyConnector.builder()
                .eventLoopGroup(loops)
                .resolver(new FakeResolver().name(Certificates.NAME, "127.0.0.1"))
                .tls(Certificates.clientContext())
                .build(protocol);
    }

    @ParameterizedTest
    @CsvSource({"1, false", "8, false", "64, false", "8, true"})
    void nothingThatWasNotAskedForReachesAnotherHolder(int clients, boolean tls) throws Exception {
        SslContext context = tls ? Certificates.nettyServer() : null;
        try (ChattyServer server = server(context, Kind.BYTE, Kind.PART, Kind.MESSAGE, Kind.MANY, Kind.SPLIT)) {
            load(server, clients, clients, tls, true);
            assertThat(server.saidTooMuch).hasPositiveValue();
            assertThat(wrongAnswers).as("answers to another request").hasValue(0);
            assertThat(server.requestsAfterwards).as("requests behind too much").hasValue(0);
            assertThat(lostPerhapsSent.get())
                    .as("requests that may have been sent")
                    .isLessThanOrEqualTo(server.saidTooMuch.get());
        }
    }

    @ParameterizedTest
    @CsvSource({"64, 8, true", "8, 8, false", "64, 8, false"})
    void nothingReachesAnotherHolderWhenManyWait(int clients, int connections, boolean onLoop) throws Exception {
        try (ChattyServer server = server(null, Kind.BYTE, Kind.PART, Kind.MESSAGE, Kind.MANY)) {
            load(server, clients, connections, false, onLoop);
            assertThat(server.saidTooMuch).hasPositiveValue();
            assertThat(wrongAnswers).as("answers to another request").hasValue(0);
            assertThat(server.requestsAfterwards).as("requests behind too much").hasValue(0);
        }
    }

    /** Then the next lease has begun, and what its holder has written must still be here. */
    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void noRequestGoesOutBeforeTheReadPassIsOver(int clients) throws Exception {
        protocol = IN_SMALL_READS;
        try (ChattyServer server = server(null, Kind.BYTE, Kind.PART, Kind.MESSAGE, Kind.MANY)) {
            load(server, clients, clients, false, true);
            assertThat(wrongAnswers).as("answers to another request").hasValue(0);
            assertThat(server.requestsAfterwards).as("requests behind too much").hasValue(0);
            assertThat(lostUnsent).as("requests that were held back").hasPositiveValue();
            assertThat(lostPerhapsSent).as("requests that may have been sent").hasValue(0);
        }
    }

    /** It costs some requests until that is known of the endpoint, not one each time. */
    @ParameterizedTest
    @CsvSource({"1, true", "8, true", "8, false"})
    void aServerThatEndsEachConnectionBehindItsAnswerCostsAHandfulOfRequests(int clients, boolean onLoop)
            throws Exception {
        try (ChattyServer server = new ChattyServer(1, 1, null, Kind.END)) {
            load(server, clients, clients, false, onLoop);
            assertThat(wrongAnswers).hasValue(0);
            assertThat(lostUnsent.get() + lostPerhapsSent.get())
                    .as("lost of " + EXCHANGES)
                    .isLessThan(EXCHANGES / 20);
        }
    }

    private ChattyServer server(@Nullable SslContext context, Kind... kinds) {
        return new ChattyServer(1, 20, context, kinds);
    }

    private void load(ChattyServer server, int clients, int connections, boolean tls, boolean onLoop) throws Exception {
        Endpoint endpoint = Endpoint.of(tls ? "https" : "echo", tls ? Certificates.NAME : "127.0.0.1", server.port());
        try (ConnectionManager<Requests<ByteBuf, ByteBuf>> manager = ConnectionManager.builder(connector(loops))
                .maxOpen(connections)
                .maxOpenPerEndpoint(connections)
                .build()) {
            EventLoop loop = loops.next();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                if (onLoop) {
                    loop.execute(() -> exchange(manager, endpoint));
                } else {
                    Thread thread = new Thread(() -> exchanges(manager, endpoint), "client");
                    threads.add(thread);
                    thread.start();
                }
            }
            awaitAll();
            for (Thread thread : threads) {
                thread.join();
            }
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> manager.snapshot().all().leased() == 0);
            assertThat(otherFailures).isEmpty();
            assertThat(answered.get() + lostUnsent.get() + lostPerhapsSent.get())
                    .isGreaterThanOrEqualTo(EXCHANGES);
        }
        await().atMost(Duration.ofSeconds(10)).untilAtomic(server.open, Matchers.is(0));
    }

    /** However slow the host is, something is answered or lost in 20 s: else an exchange hangs. */
    private void awaitAll() throws InterruptedException {
        for (long before = EXCHANGES + 1; !done.await(20, TimeUnit.SECONDS); before = done.getCount()) {
            assertThat(done.getCount()).as("exchanges still to do, 20 s later").isLessThan(before);
        }
    }

    // ---- on the event loop

    private void exchange(ConnectionManager<Requests<ByteBuf, ByteBuf>> manager, Endpoint endpoint) {
        if (done.getCount() == 0) {
            return;
        }
        done.countDown();
        manager.acquire(endpoint).whenComplete((lease, failure) -> {
            if (failure != null) {
                failed(failure);
                again(manager, endpoint);
                return;
            }
            long stamp = stamps.incrementAndGet();
            lease.connection().send(request(stamp)).whenComplete((answer, lost) -> {
                count(stamp, answer, lost);
                end(lease, lost);
                again(manager, endpoint);
            });
        });
    }

    /** Within the callback if the stack allows. */
    private void again(ConnectionManager<Requests<ByteBuf, ByteBuf>> manager, Endpoint endpoint) {
        if (stamps.get() % 50 == 0) {
            loops.next().execute(() -> exchange(manager, endpoint));
        } else {
            exchange(manager, endpoint);
        }
    }

    // ---- on threads

    private void exchanges(ConnectionManager<Requests<ByteBuf, ByteBuf>> manager, Endpoint endpoint) {
        while (done.getCount() > 0) {
            done.countDown();
            try {
                Lease<Requests<ByteBuf, ByteBuf>> lease = manager.blocking().acquire(endpoint);
                long stamp = stamps.incrementAndGet();
                try {
                    count(stamp, lease.connection().call(request(stamp)), null);
                    lease.release();
                } catch (RequestException lost) {
                    count(stamp, null, lost);
                    lease.invalidate();
                }
            } catch (AcquireException | InterruptedException | RuntimeException failure) {
                failed(failure);
            }
        }
    }

    private static ByteBuf request(long stamp) {
        return Unpooled.buffer(64).writeLong(stamp).writeZero(64 - Long.BYTES);
    }

    private static void end(Lease<?> lease, @Nullable Throwable lost) {
        if (lost == null) {
            lease.release();
        } else {
            lease.invalidate(lost);
        }
    }

    private void count(long stamp, @Nullable ByteBuf answer, @Nullable Throwable lost) {
        if (answer != null) {
            answered.incrementAndGet();
            if (answer.getLong(answer.readerIndex()) != stamp) {
                wrongAnswers.incrementAndGet();
            }
            answer.release();
        } else if (lost instanceof RequestException request) {
            (request.isUnsent() ? lostUnsent : lostPerhapsSent).incrementAndGet();
        } else {
            failed(lost);
        }
    }

    private void failed(@Nullable Throwable failure) {
        synchronized (otherFailures) {
            otherFailures.add(failure == null ? new AssertionError("neither an answer nor a failure") : failure);
        }
    }
}
