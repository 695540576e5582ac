package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.ByteToMessageCodec;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.hamcrest.Matchers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every protocol: how it is installed, and what it may break. */
class ProtocolTest extends ProtocolRig {
    private final AtomicInteger passes = new AtomicInteger();

    @Test
    void aProtocolThatThrowsFailsTheDial() throws Exception {
        speak(context -> {
            throw new IllegalStateException("no such dialect");
        });
        assertThat(PoeRig.failed(manager.acquire(endpoint))).hasStackTraceContaining("no such dialect");
        assertThat(server.accept().readAll()).isEmpty();
    }

    @Test
    void handlersAreAddedWithinInstallOnly() throws Exception {
        AtomicReference<ProtocolContext> late = new AtomicReference<>();
        speak(context -> {
            late.set(context);
            return LINES.install(context);
        });
        acquire().release();
        assertThatThrownBy(() -> late.get().pipeline()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> late.get().allowHalfClosure()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void inputThatComesDuringTheDialReachesTheProtocol() throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        speak(context -> {
            // The loop is here until the greeting is in the socket: it is read right after this.
            sent.await(20, TimeUnit.SECONDS);
            return LINES.withGreeting().install(context);
        });
        CompletableFuture<Lease<Requests<String, String>>> acquired = manager.acquire(endpoint);
        server.accept().send("220 welcome\n");
        sent.countDown();
        Lease<Requests<String, String>> lease = acquired.get(20, TimeUnit.SECONDS);
        assertThat(lease.connection().greeting().get(20, TimeUnit.SECONDS)).isEqualTo("220 welcome");
        lease.release();
    }

    @Test
    void aSessionThatThrowsLosesNothing() throws Exception {
        speak(context -> {
            Session<Requests<String, String>> session = LINES.install(context);
            return new Session<>() {
                @Override
                public Requests<String, String> open(Lease<Requests<String, String>> lease) {
                    return session.open(lease);
                }

                @Override
                public void received(Object message) {
                    throw new IllegalStateException("received");
                }

                @Override
                public boolean isReusable() {
                    throw new IllegalStateException("isReusable");
                }

                @Override
                public void closed(@Nullable Throwable cause) {
                    session.closed(cause);
                    throw new IllegalStateException("closed");
                }
            };
        });
        acquire().release();
        assertThat(server.accept().readAll()).as("closed").isEmpty();
        Lease<Requests<String, String>> lease = acquire();
        CompletableFuture<String> answer = lease.connection().send("one\n");
        afterRequests(1).send("ONE\n");
        assertThat(lost(answer).getCause()).hasMessage("received");
        lease.release();
        await().until(() -> manager.snapshot().all().open() == 0);
    }

    static Stream<Supplier<ChannelHandler>> combinedCodecs() {
        return Stream.of(
                () -> new CombinedChannelDuplexHandler<>(new LineBasedFrameDecoder(1000), new StringEncoder()),
                () -> new ByteToMessageCodec<String>() {
                    @Override
                    protected void encode(ChannelHandlerContext context, String message, ByteBuf out) {
                        out.writeCharSequence(message, StandardCharsets.US_ASCII);
                    }

                    @Override
                    protected void decode(ChannelHandlerContext context, ByteBuf input, List<Object> messages) {
                        int end = input.indexOf(input.readerIndex(), input.writerIndex(), (byte) '\n');
                        if (end >= 0) {
                            messages.add(input.readRetainedSlice(end - input.readerIndex()));
                            input.skipBytes(1);
                        }
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("combinedCodecs")
    void aConnectionWhoseDecoderCannotBeLookedIntoIsNotKeptAfterAnAnswerInPieces(Supplier<ChannelHandler> codecs)
            throws Exception {
        speak(RequestResponse.of(String.class, pipeline -> addCodec(pipeline, codecs.get())));
        Lease<Requests<String, String>> lease = acquire();
        CompletableFuture<String> whole = lease.connection().send("one\n");
        ScriptedServer.Peer peer = server.accept();
        peer.readLine();
        peer.send("ONE\n");
        assertThat(whole.get(20, TimeUnit.SECONDS)).isEqualTo("ONE");
        lease.release();

        Lease<Requests<String, String>> second = acquire();
        assertThat(second.uses()).as("kept after an answer in one piece").isEqualTo(2);
        CompletableFuture<String> pieces = second.connection().send("two\n");
        peer.readLine();
        int before = passes.get();
        peer.send("T");
        await().untilAtomic(passes, Matchers.greaterThan(before));
        peer.send("WO\n");
        assertThat(pieces.get(20, TimeUnit.SECONDS)).isEqualTo("TWO");
        second.release();
        assertThat(peer.readAll()).as("closed").isEmpty();
    }

    private void addCodec(ChannelPipeline pipeline, ChannelHandler codec) {
        pipeline.addLast(
                new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelReadComplete(ChannelHandlerContext context) {
                        passes.incrementAndGet();
                        context.fireChannelReadComplete();
                    }
                },
                codec,
                new StringDecoder());
    }

    @Test
    @SuppressWarnings("deprecation") // of the executor; some programs still give one
    void aHandlerWithAnExecutorOfItsOwnIsRefused() throws Exception {
        EventLoopGroup other = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            speak(context -> {
                context.pipeline().addLast(other, new LineBasedFrameDecoder(100));
                return LINES.install(context);
            });
            assertThat(PoeRig.failed(manager.acquire(endpoint)))
                    .hasStackTraceContaining("not allowed with an executor of its own");
        } finally {
            other.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    @Test
    void aConnectionIsReleasedOnlyAsWhatItsSocketLeadsTo() throws Exception {
        Lease<Requests<String, String>> lease = acquire();
        assertThatThrownBy(() -> lease.releaseAs(Endpoint.of("lines", "127.0.0.2", server.port())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("leads to");
        assertThat(lease.release()).isTrue();
    }

    @Test
    void aConnectionThatIsNotReadIsNotKept() throws Exception {
        AtomicReference<ProtocolContext> contextOfAll = new AtomicReference<>();
        speak(context -> {
            contextOfAll.set(context);
            return LINES.install(context);
        });
        Lease<Requests<String, String>> lease = acquire();
        contextOfAll.get().channel().config().setAutoRead(false);
        lease.release();
        assertThat(server.accept().readAll()).as("closed").isEmpty();
    }

    // ---- half-closure

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("G27")
    void theEndOfTheStreamIsAnEventOnlyIfTheProtocolAllowsHalfClosure(boolean allowed) throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        speak(context -> {
            if (allowed) {
                context.allowHalfClosure();
            }
            context.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void userEventTriggered(ChannelHandlerContext handler, Object event) {
                    heard.add(event.getClass().getSimpleName());
                }

                @Override
                public void channelInactive(ChannelHandlerContext handler) {
                    heard.add("inactive");
                }
            });
            return LINES.install(context);
        });
        Lease<Requests<String, String>> lease = acquire();
        ScriptedServer.Peer peer = server.accept();
        peer.finish();

        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo(allowed ? "ChannelInputShutdownEvent" : "inactive");
        if (allowed) {
            lease.connection().send("still\n");
            assertThat(peer.readLine()).isEqualTo("still");
        }
        lease.invalidate();
    }

    // ---- answers that end with the connection

    /** Makes one message of everything until the end of the stream. */
    private static final class UntilTheEnd extends ByteToMessageDecoder {
        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf input, List<Object> messages) {
            // Not before the end.
        }

        @Override
        protected void decodeLast(ChannelHandlerContext context, ByteBuf input, List<Object> messages) {
            if (input.isReadable()) {
                messages.add(input.readCharSequence(input.readableBytes(), StandardCharsets.US_ASCII)
                        .toString());
            }
        }
    }

    private static final RequestResponse<String, String> UNTIL_THE_END =
            RequestResponse.of(String.class, pipeline -> pipeline.addLast(new UntilTheEnd(), new StringEncoder()));

    @Test
    void anAnswerMayEndWithTheConnection() throws Exception {
        speak(UNTIL_THE_END);
        Lease<Requests<String, String>> lease = acquire();
        CompletableFuture<String> answer = lease.connection().send("one\n");
        afterRequests(1).send("ONE").close();
        assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("ONE");
        lease.release();
    }

    @Test
    void anAnswerThatThisSideCutsShortIsNone() throws Exception {
        speak(UNTIL_THE_END.withAnswerTimeout(Duration.ofMillis(50)));
        Lease<Requests<String, String>> lease = acquire();
        CompletableFuture<String> answer = lease.connection().send("one\n");
        afterRequests(1).send("O");
        assertThat(lost(answer)).hasRootCauseMessage("no answer within the answerTimeout of PT0.05S");
        lease.invalidate();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void overTlsAnAnswerEndsWithCloseNotifyOnly(boolean closeNotify) throws Exception {
        Endpoint overTls = Endpoint.of("https", Certificates.NAME, server.port());
        manager.close();
        manager = ConnectionManager.builder(NettyConnector.builder()
                        .resolver(new FakeResolver().name(Certificates.NAME, "127.0.0.1"))
                        .tls(Certificates.clientContext())
                        .build(UNTIL_THE_END))
                .build();
        CompletableFuture<Lease<Requests<String, String>>> acquired = manager.acquire(overTls);
        ScriptedServer.Peer peer = server.acceptTls(Certificates.good());
        Lease<Requests<String, String>> lease = acquired.get(20, TimeUnit.SECONDS);
        CompletableFuture<String> answer = lease.connection().send("one\n");
        peer.readLine();
        peer.send("ONE");
        if (closeNotify) {
            peer.close();
            assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("ONE");
        } else {
            peer.finish();
            assertThat(lost(answer).getCause()).isInstanceOf(SSLException.class).hasMessageContaining("close_notify");
        }
        lease.invalidate();
    }
}
