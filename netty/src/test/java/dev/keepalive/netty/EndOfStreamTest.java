package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.Endpoint;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The peer ends its stream. Attached handlers know it as Netty's handlers do: the connection is closed, and they become
 * inactive. What was started hears of the end, and may go on sending.
 */
class EndOfStreamTest extends ConnectionRig {
    private final List<String> heard = new CopyOnWriteArrayList<>();

    private final class Recorder extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            heard.add(
                    message instanceof FullHttpResponse response
                            ? response.content().toString(StandardCharsets.US_ASCII)
                            : message.toString());
            ReferenceCountUtil.release(message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ChannelInputShutdownEvent
                    || event instanceof SslCloseCompletionEvent close && close.isSuccess()) {
                heard.add(event.getClass().getSimpleName());
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            heard.add(cause.getClass().getSimpleName());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            heard.add("inactive");
        }
    }

    private void attachLines() throws Exception {
        lease.connection()
                .attach(new LineBasedFrameDecoder(100), new StringDecoder(), new Recorder())
                .sync();
    }

    private void allowHalfClosure() throws Exception {
        rig.close();
        rig = new ConnectorRig(NettyConnector.builder().allowHalfClosure());
        events = rig.dial(server);
        link = events.link();
        peer = server.accept();
        lease = new FakeLease(link, events);
    }

    private void assertHeard(String... expected) {
        await().untilAsserted(() -> assertThat(heard).containsExactly(expected));
    }

    // ---- attached

    @ParameterizedTest
    @CsvSource({
        "clear,   false, inactive",
        "TLSv1.3, true,  SslCloseCompletionEvent inactive",
        "TLSv1.2, true,  SslCloseCompletionEvent inactive",
        "TLSv1.3, false, SSLException inactive",
        "TLSv1.2, false, SSLException inactive"
    })
    @Tag("G27")
    void theEndOfTheStreamClosesAConnectionThatHandlersAreAttachedTo(
            String version, boolean closeNotify, String expected) throws Exception {
        if (!version.equals("clear")) {
            openTls(version);
        }
        attachLines();

        if (closeNotify) {
            peer.closeNotify();
        } else {
            peer.finish();
        }

        Throwable cause = events.closeCause();
        assertHeard(expected.split(" "));
        if (expected.startsWith("SSLException")) {
            assertThat(cause).isInstanceOf(SSLException.class).hasMessageContaining("close_notify");
        } else {
            assertThat(cause).isNull();
        }
        lease.release();
        assertThat(events.reusable()).isFalse();
    }

    @Test
    @Tag("G27")
    void aStockCodecMakesAMessageOfABodyThatEndsWithTheStream() throws Exception {
        lease.connection()
                .attach(new HttpClientCodec(), new HttpObjectAggregator(1000), new Recorder())
                .sync();
        link.channel()
                .writeAndFlush(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"))
                .sync();
        peer.send("HTTP/1.1 200 OK\r\n\r\nsome").finish();

        events.closeCause();
        assertHeard("some", "inactive");
    }

    @Test
    void whatCameBeforeTheEndIsDeliveredToHandlersThatAreAttachedLate() throws Exception {
        lease.connection();
        peer.send("go away\r\n").finish();
        await().until(() -> events.inputsReceived.get() > 0);
        ConnectorRig.awaitEventLoop(link);

        attachLines();

        events.closeCause();
        assertHeard("go away", "inactive");
    }

    /** A lease has been answered, and its holder's thread has not run yet. */
    @Test
    @Tag("G27")
    void whatCameWithTheEndIsDeliveredToAHolderThatComesLate() throws Exception {
        openTls("TLSv1.2");
        link.channel().config().setAutoRead(false);
        ConnectorRig.awaitEventLoop(link);
        peer.send("go away\r\n").closeNotify();
        link.channel().config().setAutoRead(true);
        await().until(() -> events.inputsReceived.get() > 0);
        ConnectorRig.awaitEventLoop(link);

        attachLines();

        events.closeCause();
        await().untilAsserted(() -> assertThat(heard).startsWith("go away").endsWith("inactive"));
    }

    @Test
    void nothingOfAStartOutlivesItsLease() throws Exception {
        FrameStream<String> frames = lease.connection().start(listener);
        frames.send("hello");
        peer.readLine();
        lease.release();
        assertThat(events.reusable()).isTrue();
        lease = new FakeLease(link, events);
        attachLines();

        peer.finish();

        events.closeCause();
        assertHeard("inactive");
    }

    @Test
    void ifHalfClosureIsAllowedAttachedHandlersHearOfTheEndAndTheConnectionStaysOpen() throws Exception {
        allowHalfClosure();
        attachLines();

        peer.finish();

        assertHeard("ChannelInputShutdownEvent");
        link.channel()
                .writeAndFlush(
                        link.channel().alloc().buffer().writeBytes("still\n".getBytes(StandardCharsets.US_ASCII)))
                .sync();
        assertThat(peer.readLine()).isEqualTo("still");
        lease.release();
        assertThat(events.reusable()).isFalse();
    }

    @Test
    void ifHalfClosureIsAllowedTheEndIsKeptForAHolder() throws Exception {
        allowHalfClosure();
        lease.connection();
        peer.finish();
        await().until(link.channel()::isInputShutdown);
        ConnectorRig.awaitEventLoop(link);

        attachLines();

        assertHeard("ChannelInputShutdownEvent");
        assertThat(link.channel().isActive()).isTrue();
    }

    // ---- started

    @Test
    void whatWasStartedMaySendAfterTheEnd() throws Exception {
        FrameStream<String> frames = lease.connection().start(listener);
        peer.finish();
        assertThat(listener.end()).isNull();

        frames.send("last words");

        assertThat(peer.readLine()).isEqualTo("last words\r");
        assertThat(events.closed).isNotDone();
    }

    // ---- STARTTLS

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aConnectionThatWasStartedInTheClearIsClosedAtTheEndOfItsStreamOverTls(boolean attached) throws Exception {
        rig.close();
        rig = new ConnectorRig(NettyConnector.builder().tls(Certificates.clientContext()));
        events = rig.dial(server);
        link = events.link();
        peer = server.accept();
        lease = new FakeLease(link, events);
        lease.connection().start(listener).send("STARTTLS");
        peer.readLine();
        CompletionStage<?> secured = lease.connection()
                .startTls(Endpoint.of("test", "127.0.0.1", server.port()).withTls(Certificates.NAME));
        peer = peer.startTls(Certificates.good());
        secured.toCompletableFuture().get(20, TimeUnit.SECONDS);
        if (attached) {
            attachLines();
        }

        peer.closeNotify();

        assertThat(events.closeCause()).isNull();
        if (attached) {
            assertHeard("SslCloseCompletionEvent", "inactive");
        }
    }
}
