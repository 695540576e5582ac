package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a started connection with TLS ends. */
class TlsFrameStreamTest extends ConnectionRig {
    @Test
    void withTls13EitherSideCanEndItsOutputFirst() throws Exception {
        openTls("TLSv1.3");
        FrameStream<String> frames = lease.connection().start(listener);
        frames.send("question");
        frames.shutdownOutput();

        assertThat(peer.readLine()).isEqualTo("question\r");
        assertThat(peer.readAll()).isEmpty();
        assertThat(link.tls().engine().isOutboundDone())
                .as("close_notify was sent")
                .isTrue();
        peer.send("answer\r\n");
        assertThat(listener.next()).isEqualTo("answer");
        peer.close();
        assertThat(listener.end()).isNull();
        assertThat(listener.ends).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void withTlsAnEndWithoutCloseNotifyIsAnError(String version) throws Exception {
        openTls(version);
        lease.connection().start(listener);
        peer.send("cut");

        peer.finish();

        assertThat(listener.end())
                .isInstanceOf(javax.net.ssl.SSLException.class)
                .hasMessageContaining("close_notify");
        events.closeCause();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void withTlsAConnectionIsReusableAfterAnExchange(String version) throws Exception {
        openTls(version);
        for (int i = 0; i < 3; i++) {
            FrameStream<String> frames = lease.connection().start(listener);
            frames.send("ping");
            assertThat(peer.readLine()).isEqualTo("ping\r");
            peer.send("pong\r\n");
            assertThat(listener.next()).isEqualTo("pong");
            lease.release();
            assertThat(events.reusable()).isTrue();
            lease = new FakeLease(link, events);
        }
    }

    @Test
    void withTlsAConnectionWhoseOutputWasShutDownIsNotReusable() throws Exception {
        openTls("TLSv1.3");
        lease.connection().start(listener).shutdownOutput();
        peer.readAll();

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    void withTlsAConnectionWhoseHandlerOutputWasClosedIsNotReusable() throws Exception {
        openTls("TLSv1.3");
        lease.connection()
                .channel()
                .pipeline()
                .get(SslHandler.class)
                .closeOutbound()
                .sync();

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    void withTlsAConnectionWhoseInputHasEndedIsNotReusable() throws Exception {
        openTls("TLSv1.3");
        lease.connection().start(listener);
        peer.closeNotify();
        assertThat(listener.end()).isNull();

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    void withTlsADecoderDeliversItsLastFrameAtTheEndOfInput() throws Exception {
        openTls("TLSv1.3");
        RecordingListener<HttpObject> parts = new RecordingListener<>();
        Framing<HttpObject> http = Framing.of(HttpObject.class, () -> List.of(new HttpClientCodec()));
        lease.connection()
                .start(http, parts)
                .send(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"));
        peer.send("HTTP/1.1 200 OK\r\n\r\nuntil the end");
        peer.closeNotify();

        assertThat(parts.end()).isNull();
        assertThat(parts.inputs).last().isInstanceOf(LastHttpContent.class);
    }

    @Test
    void withTlsAPeerThatDoesNotReadCannotKeepTheConnectionOpen() throws Exception {
        openTls("TLSv1.3");
        fill(lease.connection().start(listener));

        lease.invalidate();

        events.closeCause();
        assertThat(listener.end()).isNotNull();
    }
}
