package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdleWatchTest {
    private ScriptedServer server;
    private ConnectorRig rig;
    private RecordingEvents events;
    private NettyLink link;
    private ScriptedServer.Peer peer;

    @BeforeEach
    void start() {
        server = ScriptedServer.start();
        rig = new ConnectorRig(NettyConnector.builder().tls(Certificates.clientContext()));
    }

    @AfterEach
    void stop() throws Exception {
        Closeables.closeAll(rig, server);
    }

    @Test
    @Tag("G07")
    void aByteOnAnIdleConnectionClosesIt() throws Exception {
        openPlain();

        peer.send("x");

        events.closeCause();
        assertThat(events.inputsReceived.get()).isPositive();
        assertThat(peer.readAll()).isIn("", "<reset>");
    }

    @Test
    @Tag("G01")
    void aFinOnAnIdleConnectionClosesIt() throws Exception {
        openPlain();

        peer.finish();

        assertThat(events.closeCause()).isNull();
        assertThat(peer.readAll()).isEmpty();
        assertThat(events.inputsReceived).hasValue(0);
    }

    @Test
    @Tag("G02")
    void aResetOfAnIdleConnectionClosesIt() throws Exception {
        openPlain();

        peer.reset();

        assertThat(events.closeCause()).isInstanceOf(IOException.class).hasMessageContaining("reset");
        assertThat(events.closes).hasValue(1);
    }

    @Test
    void anyErrorOnAnIdleConnectionClosesItAndIsTheCause() throws Exception {
        openPlain();
        IOException broken = new IOException("broken");

        link.channel().pipeline().fireExceptionCaught(broken);

        assertThat(events.closeCause()).isSameAs(broken);
    }

    @Test
    void aUsedConnectionIsWatchedLikeANewOne() throws Exception {
        openPlain();
        useOnce();

        peer.send("x");

        events.closeCause();
        assertThat(events.inputsReceived.get()).isPositive();
    }

    @Test
    void aFinOnAUsedIdleConnectionClosesIt() throws Exception {
        openPlain();
        useOnce();

        peer.finish();

        events.closeCause();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void ticketsOnAnIdleConnectionDoNotCloseIt(String version) throws Exception {
        openTls(version);
        assertThat(peer.tls().getSession().getProtocol()).isEqualTo(version);

        // The tickets that the server sends after the handshake arrive before this line.
        FakeLease lease = new FakeLease(link, events);
        RecordingListener<String> listener = new RecordingListener<>();
        lease.connection().start(listener);
        ConnectorRig.awaitEventLoop(link);
        peer.send("hello\r\n");
        assertThat(listener.next()).isEqualTo("hello");

        assertThat(events.inputsReceived).hasValue(0);
        lease.release();
        assertThat(events.reusable()).isTrue();
    }

    @Test
    void aKeyUpdateOnAnIdleConnectionDoesNotCloseIt() throws Exception {
        openTls("TLSv1.3");
        useOnce();

        // In TLS 1.3 the JDK starts a key update when a handshake is asked for.
        peer.tls().startHandshake();
        useOnce();

        assertThat(events.inputsReceived).hasValue(0);
        assertThat(link.channel().isActive()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aByteWithinTlsOnAnIdleConnectionClosesIt(String version) throws Exception {
        openTls(version);

        peer.send("x");

        events.closeCause();
        assertThat(events.inputsReceived.get()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aCloseNotifyOnAnIdleConnectionClosesItWithoutFin(String version) throws Exception {
        openTls(version);

        peer.closeNotify();

        events.closeCause();
        assertThat(events.inputsReceived).hasValue(0);
    }

    @Test
    void aFinWithoutCloseNotifyClosesAnIdleConnection() throws Exception {
        openTls("TLSv1.3");

        peer.finish();

        events.closeCause();
    }

    @Test
    void aPeerThatClosesAtOnceIsNoticedBeforeTheFirstLease() throws Exception {
        RecordingEvents dial = rig.dial(server);
        server.accept().finish();

        dial.link();
        dial.closeCause();
    }

    @Test
    void aLeasedConnectionWhoseHandleWasNotRequestedIsClosedWhenItsPeerCloses() throws Exception {
        openPlain();
        new FakeLease(link, events);

        peer.finish();

        events.closeCause();
    }

    @Test
    void aHandleMadeAfterTheReleaseOfItsLeaseChangesNothing() throws Exception {
        openPlain();
        FakeLease lease = new FakeLease(link, events);
        lease.release();
        assertThat(events.reusable()).isTrue();

        NettyConnection late = link.handle(lease, 1);
        assertThatThrownBy(() -> late.start(new RecordingListener<>())).isInstanceOf(IllegalStateException.class);

        peer.finish();
        assertThat(events.closeCause()).isNull();
    }

    @Test
    void aHandleMadeForAnEndedLeaseDoesNotMarkTheNextLeaseAsUsed() throws Exception {
        openPlain();
        FakeLease first = new FakeLease(link, events);
        first.release();
        assertThat(events.reusable()).isTrue();
        FakeLease second = new FakeLease(link, events);
        NettyConnection late = link.handle(first, 1);

        assertThatThrownBy(late::channel).isInstanceOf(IllegalStateException.class);
        second.release();
        assertThat(events.reusable()).isTrue();
        assertThat(link.epoch().isUsed()).isFalse();
    }

    private void useOnce() throws Exception {
        FakeLease lease = new FakeLease(link, events);
        RecordingListener<String> listener = new RecordingListener<>();
        FrameStream<String> frames = lease.connection().start(listener);
        frames.send("ping");
        assertThat(peer.readLine()).isEqualTo("ping\r");
        peer.send("pong\r\n");
        assertThat(listener.next()).isEqualTo("pong");
        lease.release();
        assertThat(events.reusable()).isTrue();
    }

    private void openPlain() throws Exception {
        events = rig.dial(server);
        link = events.link();
        peer = server.accept();
    }

    private void openTls(String version) throws Exception {
        rig.close();
        rig = new ConnectorRig(NettyConnector.builder()
                .tls(Certificates.client().protocols(version).build()));
        CompletableFuture<ScriptedServer.Peer> accepted = CompletableFuture.supplyAsync(() -> {
            try {
                return server.acceptTls(Certificates.good());
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
        events = rig.dial("https", "127.0.0.1", server.port());
        link = events.link();
        peer = accepted.get(20, TimeUnit.SECONDS);
    }
}
