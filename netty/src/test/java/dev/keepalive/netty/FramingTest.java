package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipelineException;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.UnsupportedMessageTypeException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FramingTest {
    private static final String RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    private ScriptedServer server;
    private ConnectorRig rig;
    private RecordingEvents events;
    private NettyLink link;
    private ScriptedServer.Peer peer;
    private FakeLease lease;

    @BeforeEach
    void start() throws Exception {
        server = ScriptedServer.start();
        rig = ConnectorRig.withDefaults();
        events = rig.dial(server);
        link = events.link();
        peer = server.accept();
        lease = new FakeLease(link, events);
    }

    @AfterEach
    void stop() throws Exception {
        Closeables.closeAll(rig, server);
    }

    @Test
    void aLineThatIsTooLongEndsTheInput() throws Exception {
        RecordingListener<String> listener = new RecordingListener<>();
        lease.connection().start(Framing.lines(StandardCharsets.US_ASCII, 4), listener);

        peer.send("four\r\nfive5");

        assertThat(listener.next()).isEqualTo("four");
        assertThat(listener.end()).isInstanceOf(TooLongFrameException.class);
        assertThat(events.closeCause()).isInstanceOf(TooLongFrameException.class);
    }

    @Test
    void linesNeedACharsetWhoseLineBreaksAreThoseOfAscii() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Framing.lines(StandardCharsets.UTF_16, 80))
                .withMessageContaining("UTF-16");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Framing.lines(StandardCharsets.UTF_8, 0))
                .withMessageContaining("maxLength 0");
    }

    @Test
    void bytesAreSentAndReceivedUnchanged() throws Exception {
        RecordingListener<byte[]> listener = new RecordingListener<>();
        FrameStream<byte[]> frames = lease.connection().start(Framing.bytes(), listener);

        frames.send(new byte[] {'a', 0, '\n'});
        assertThat(peer.readLine()).isEqualTo("a\0");
        peer.send("raw\0bytes");
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        while (received.size() < 9) {
            received.writeBytes(listener.next());
        }
        assertThat(received.toString(StandardCharsets.UTF_8)).isEqualTo("raw\0bytes");
        lease.release();
        assertThat(events.reusable()).isTrue();
    }

    @Test
    void anyNettyCodecCanBeUsedLeaseAfterLease() throws Exception {
        Framing<HttpObject> http = Framing.of(HttpObject.class, () -> List.of(new HttpClientCodec()));
        for (int i = 0; i < 3; i++) {
            RecordingListener<HttpObject> listener = new RecordingListener<>() {
                @Override
                public void input(HttpObject part) {
                    if (part instanceof LastHttpContent) {
                        lease.release();
                    }
                }
            };
            FrameStream<HttpObject> frames = lease.connection().start(http, listener);
            frames.send(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/" + i));
            assertThat(peer.readLine()).isEqualTo("GET /" + i + " HTTP/1.1\r");
            assertThat(peer.readLine()).isEqualTo("\r");
            peer.send(RESPONSE);

            assertThat(events.reusable()).isTrue();
            lease = new FakeLease(link, events);
        }
    }

    @Test
    void aConnectionReleasedInTheMiddleOfAMessageIsNotReusable() throws Exception {
        Framing<HttpObject> http = Framing.of(HttpObject.class, () -> List.of(new HttpClientCodec()));
        FrameStream<HttpObject> frames = lease.connection().start(http, new RecordingListener<>() {
            @Override
            public void input(HttpObject part) {
                if (part instanceof HttpResponse) {
                    lease.release();
                }
            }
        });
        frames.send(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"));
        peer.send(RESPONSE);

        assertThat(events.reusable()).isFalse();
    }

    @Test
    void aReferenceCountedFrameIsReleasedUnlessItIsRetained() throws Exception {
        Framing<FullHttpResponse> http = Framing.of(
                FullHttpResponse.class, () -> List.of(new HttpClientCodec(), new HttpObjectAggregator(1000)));
        CompletableFuture<FullHttpResponse> dropped = new CompletableFuture<>();
        CompletableFuture<FullHttpResponse> kept = new CompletableFuture<>();
        lease.connection().start(http, new RecordingListener<>() {
            @Override
            public void input(FullHttpResponse response) {
                if (dropped.complete(response)) {
                    assertThat(response.refCnt()).isEqualTo(1);
                } else {
                    kept.complete(response.retain());
                }
            }
        });
        link.channel().writeAndFlush(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"));
        link.channel().writeAndFlush(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"));
        peer.send(RESPONSE + RESPONSE);

        FullHttpResponse mine = kept.get(20, TimeUnit.SECONDS);
        await().untilAsserted(() -> assertThat(mine.refCnt()).isEqualTo(1));
        assertThat(dropped.join().refCnt()).isZero();
        mine.release();
    }

    @Test
    void aFrameThatCannotBeSentIsReleased() throws Exception {
        Framing<ByteBuf> raw = Framing.of(ByteBuf.class, List::of);
        RecordingListener<ByteBuf> listener = new RecordingListener<>();
        FrameStream<ByteBuf> frames = lease.connection().start(raw, listener);
        frames.shutdownOutput();
        ByteBuf frame = Unpooled.copiedBuffer(new byte[] {1});

        CompletableFuture<Void> sent = frames.send(frame).toCompletableFuture();

        assertThatThrownBy(() -> sent.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(IllegalStateException.class);
        assertThat(frame.refCnt()).isZero();
    }

    @Test
    void anInputOfAnotherTypeIsAnError() throws Exception {
        Framing<String> wrong = Framing.of(String.class, () -> List.of(new LineBasedFrameDecoder(80)));
        RecordingListener<String> listener = new RecordingListener<>();
        lease.connection().start(wrong, listener);

        peer.send("line\r\n");

        assertThat(listener.end()).isInstanceOf(UnsupportedMessageTypeException.class);
        assertThat(events.closeCause()).isInstanceOf(UnsupportedMessageTypeException.class);
    }

    @Test
    void handlersThatCannotBeAddedEndTheLease() throws Exception {
        ChannelHandler twice = new ChannelInboundHandlerAdapter();
        Framing<ByteBuf> framing = Framing.of(ByteBuf.class, () -> List.of(twice, twice));
        RecordingListener<ByteBuf> listener = new RecordingListener<>();

        lease.connection().start(framing, listener);

        assertThat(listener.end()).isInstanceOf(ChannelPipelineException.class);
        assertThat(events.closeCause()).isInstanceOf(ChannelPipelineException.class);
    }

    @Test
    void whatTheHandlerSupplierThrowsEndsTheConnection() throws Exception {
        Framing<String> broken = Framing.of(String.class, () -> {
            throw new AssertionError("no handlers today");
        });
        RecordingListener<String> listener = new RecordingListener<>();

        lease.connection().start(broken, listener);

        assertThat(listener.end()).hasMessage("no handlers today");
        assertThat(events.closeCause()).hasMessage("no handlers today");
    }

    @Test
    void earlyInputIsKeptForAttachedHandlers() throws Exception {
        peer.send("early");
        ConnectorRig.awaitEventLoop(link);
        CompletableFuture<String> received = new CompletableFuture<>();

        lease.connection().attach(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                received.complete(((ByteBuf) message).toString(StandardCharsets.UTF_8));
                ((ByteBuf) message).release();
            }
        });

        assertThat(received.get(20, TimeUnit.SECONDS)).isEqualTo("early");
        lease.release();
        assertThat(events.reusable()).isTrue();
    }

    @Test
    void handlersAreAttachedInOrderAllOrNone() throws Exception {
        List<String> before = link.channel().pipeline().names();
        ChannelHandler used = new ChannelInboundHandlerAdapter();
        lease.connection().attach(used).sync();

        var failed = lease.connection().attach(new LineBasedFrameDecoder(80), used);

        assertThat(failed.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(failed.cause()).isInstanceOf(ChannelPipelineException.class);
        assertThat(link.channel().pipeline().get(LineBasedFrameDecoder.class)).isNull();
        assertThat(link.channel().pipeline().names()).hasSize(before.size() + 1);
    }

    @Test
    void attachingToAClosedConnectionFails() throws Exception {
        NettyConnection connection = lease.connection();
        peer.reset();
        events.closeCause();

        var failed = connection.attach(new ChannelInboundHandlerAdapter());

        assertThat(failed.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(failed.cause()).hasMessageContaining("reset");
    }
}
