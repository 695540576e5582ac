package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.Endpoint;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A stream that may have been cut short is an error, and the error comes before the end. */
class TruncationTest extends ConnectionRig {
    private static final String UNTIL_THE_END = "HTTP/1.1 200 OK\r\n\r\nsome";
    private static final Framing<HttpObject> HTTP = Framing.of(HttpObject.class, () -> List.of(new HttpClientCodec()));

    private final RecordingListener<HttpObject> parts = new RecordingListener<>();

    private void ask() throws Exception {
        link.channel()
                .writeAndFlush(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"))
                .sync();
    }

    private void assertIncomplete(Class<? extends Throwable> error) throws Exception {
        assertThat(parts.end()).isInstanceOf(error);
        assertThat(parts.inputs).isNotEmpty().noneMatch(LastHttpContent.class::isInstance);
        assertThat(parts.ends).hasValue(1);
    }

    // ---- TLS

    @ParameterizedTest
    @CsvSource({
        "TLSv1.3, ''",
        "TLSv1.2, ''",
        "TLSv1.3, Content-Length: 9",
        "TLSv1.3, Transfer-Encoding: chunked",
        "TLSv1.2, Connection: close"
    })
    void aBodyThatEndsWithoutCloseNotifyHasNoLastPart(String version, String header) throws Exception {
        openTls(version);
        lease.connection().start(HTTP, parts);
        ask();
        peer.send("HTTP/1.1 200 OK\r\n" + header + (header.isEmpty() ? "" : "\r\n") + "\r\n4\r\nsome");
        peer.finish();

        assertIncomplete(SSLException.class);
        assertThat(events.closeCause()).hasMessageContaining("close_notify");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void anAttachedCodecHearsOfTheErrorBeforeTheEnd(String version) throws Exception {
        openTls(version);
        List<String> heard = attachRecorder();
        peer.send(UNTIL_THE_END);
        peer.finish();

        events.closeCause();
        await().until(() -> heard.contains("inactive"));
        assertThat(heard).first().isEqualTo("SSLException");
        assertThat(heard).last().isEqualTo("inactive");
    }

    @Test
    void aMessageInOnePieceIsNotMadeFromAStreamThatWasCut() throws Exception {
        openTls("TLSv1.3");
        Framing<HttpObject> whole =
                Framing.of(HttpObject.class, () -> List.of(new HttpClientCodec(), new HttpObjectAggregator(1000)));
        lease.connection().start(whole, parts);
        ask();
        peer.send(UNTIL_THE_END);
        peer.finish();

        assertThat(parts.end()).isInstanceOf(SSLException.class);
        assertThat(parts.inputs).isEmpty();
    }

    @Test
    void whatCameBeforeTheCutIsDeliveredToAHolderWhoStartsLate() throws Exception {
        openTls("TLSv1.3");
        lease.connection();
        peer.send("one\r\ntwo");
        peer.finish();
        await().until(() -> events.inputsReceived.get() > 0);
        ConnectorRig.awaitEventLoop(link);

        lease.connection().start(listener);

        assertThat(listener.next()).isEqualTo("one");
        assertThat(listener.end()).isInstanceOf(SSLException.class);
    }

    @Test
    void whatAPausedListenerHasNotReadComesBeforeTheError() throws Exception {
        openTls("TLSv1.3");
        CompletableFuture<Void> all = new CompletableFuture<>();
        RecordingListener<HttpObject> pausing = new RecordingListener<>() {
            @Override
            public void input(HttpObject part) {
                super.input(part);
                if (inputs.size() == 1) {
                    started.join().pauseInput();
                    all.complete(null);
                }
            }
        };
        FrameStream<HttpObject> frames = lease.connection().start(HTTP, pausing);
        ask();
        peer.send(UNTIL_THE_END);
        peer.finish();
        all.get(20, TimeUnit.SECONDS);
        frames.resumeInput();

        assertThat(pausing.end()).isInstanceOf(SSLException.class);
        assertThat(pausing.inputs).hasSize(2).noneMatch(LastHttpContent.class::isInstance);
    }

    // ---- TLS to a proxy

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theEndOfTheStreamOfAProxyWithTlsIsItsCloseNotify(boolean notify) throws Exception {
        openThroughProxy(Endpoint.of("test", "target.test", 9));
        lease.connection().start(HTTP, parts);
        ask();
        peer.send(UNTIL_THE_END);
        if (notify) {
            peer.closeNotify();
            assertThat(parts.end()).isNull();
            assertThat(parts.inputs).last().isInstanceOf(LastHttpContent.class);
        } else {
            peer.finish();
            assertIncomplete(SSLException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aProxyCannotEndTheStreamOfTheTarget(boolean notify) throws Exception {
        openThroughProxy(Endpoint.of("https", "127.0.0.1", server.port()));
        lease.connection().start(HTTP, parts);
        ask();
        SSLSocket inner = (SSLSocket) innerTls.get(20, TimeUnit.SECONDS);
        inner.getOutputStream().write(UNTIL_THE_END.getBytes(StandardCharsets.US_ASCII));
        if (notify) {
            inner.shutdownOutput();
            assertThat(parts.end()).isNull();
            assertThat(parts.inputs).last().isInstanceOf(LastHttpContent.class);
        } else {
            peer.closeNotify();
            assertIncomplete(SSLException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void attachedHandlersBehindAProxyHearOfTheEndOfTheTargetsStream(boolean byTarget) throws Exception {
        openThroughProxy(Endpoint.of("https", "127.0.0.1", server.port()));
        List<String> heard = attachRecorder();
        SSLSocket inner = (SSLSocket) innerTls.get(20, TimeUnit.SECONDS);
        inner.getOutputStream().write(UNTIL_THE_END.getBytes(StandardCharsets.US_ASCII));
        if (byTarget) {
            inner.shutdownOutput();
        } else {
            peer.closeNotify();
        }

        events.closeCause();
        await().until(() -> heard.contains("inactive"));
        assertThat(heard).first().isEqualTo(byTarget ? "last part" : "SSLException");
    }

    private final CompletableFuture<Socket> innerTls = new CompletableFuture<>();

    private void openThroughProxy(Endpoint target) throws Exception {
        rig.close();
        rig = new ConnectorRig(
                NettyConnector.builder().tls(Certificates.clientContext()).proxyTls(Certificates.clientContext()));
        boolean secure = target.scheme().equals("https");
        SSLContext context = Certificates.good();
        CompletableFuture<ScriptedServer.Peer> accepted = new CompletableFuture<>();
        Thread proxy = new Thread(() -> {
            try {
                ScriptedServer.Peer near = server.acceptTls(context);
                for (String line = near.readLine(); !line.isBlank(); line = near.readLine()) {}
                near.send("HTTP/1.1 200 OK\r\n\r\n");
                if (secure) {
                    SSLSocket inner = (SSLSocket) context.getSocketFactory().createSocket(near.tls(), null, false);
                    inner.setUseClientMode(false);
                    inner.startHandshake();
                    innerTls.complete(inner);
                }
                accepted.complete(near);
            } catch (Exception e) {
                accepted.completeExceptionally(new CompletionException(e));
            }
        });
        proxy.setDaemon(true);
        proxy.start();
        events = rig.dial(target.withProxy(Endpoint.of("https", "127.0.0.1", server.port())), new RecordingEvents())
                .events();
        link = events.link();
        peer = accepted.get(20, TimeUnit.SECONDS);
        lease = new FakeLease(link, events);
    }

    // ---- without TLS

    @Test
    void aBodyThatEndsWithTheStreamIsCompleteInTheClear() throws Exception {
        lease.connection().start(HTTP, parts);
        ask();
        peer.send(UNTIL_THE_END);
        peer.finish();

        assertThat(parts.end()).isNull();
        assertThat(parts.inputs).last().isInstanceOf(LastHttpContent.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"clear", "TLSv1.3"})
    void aConnectionThatThisSideClosesHasNoLastPart(String version) throws Exception {
        if (!version.equals("clear")) {
            openTls(version);
        }
        lease.connection().start(HTTP, parts);
        ask();
        peer.send(UNTIL_THE_END);
        await().until(() -> parts.inputs.size() == 2);

        link.close();

        assertIncomplete(IOException.class);
    }

    @Test
    void anAttachedCodecHearsOfAResetBeforeTheEnd() throws Exception {
        List<String> heard = attachRecorder();
        peer.send(UNTIL_THE_END);
        ConnectorRig.awaitEventLoop(link);
        peer.reset();

        events.closeCause();
        await().until(() -> heard.contains("inactive"));
        assertThat(heard.get(0)).contains("Exception");
    }

    private List<String> attachRecorder() throws Exception {
        List<String> heard = new CopyOnWriteArrayList<>();
        lease.connection()
                .attach(new HttpClientCodec(), new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        if (message instanceof LastHttpContent) {
                            heard.add("last part");
                        }
                        ReferenceCountUtil.release(message);
                    }

                    @Override
                    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                        heard.add(cause.getClass().getSimpleName());
                        context.close();
                    }

                    @Override
                    public void channelInactive(ChannelHandlerContext context) {
                        heard.add("inactive");
                    }
                })
                .sync();
        ask();
        return heard;
    }
}
