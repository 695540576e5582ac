package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.Endpoint;
import dev.keepalive.testservers.ChildJvm;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The change from plaintext to TLS on one connection. */
class StartTlsTest extends ConnectionRig {
    private Endpoint secure;

    @BeforeEach
    void trustTheServer() throws Exception {
        rig.close();
        rig = new ConnectorRig(NettyConnector.builder()
                .tls(Certificates.clientContext())
                .identity("alice", Certificates.clientAs("alice").build())
                .identity("missing", FaultySslContext.withMissingClasses(Certificates.clientContext()))
                .identity("unknown-protocol", FaultySslContext.withFailingProtocolQuery(Certificates.clientContext())));
        events = rig.dial(server);
        link = events.link();
        peer = server.accept();
        lease = new FakeLease(link, events);
        secure = Endpoint.of("test", "127.0.0.1", server.port()).withTls(Certificates.NAME);
    }

    // ---- settings that are still to be read

    @Test
    void theLimitRunsWhileTheSettingsAreRead() throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        LeasedConnection connection = (LeasedConnection) lease.connection();
        StartTls start = new StartTls(connection, secure, new CompletableFuture<>(), done, 1);

        connection.runOnLoop(start::begin);

        assertThatThrownBy(() -> done.get(20, TimeUnit.SECONDS))
                .hasRootCauseInstanceOf(SSLException.class)
                .hasMessageContaining("settings could not be read in time");
        events.closeCause();
    }

    @Test
    void nothingOfItWaitsForAnExecutorThatOthersMayKeepBusy() {
        ChildJvm.after("export JDK_JAVA_OPTIONS=-Djava.util.concurrent.ForkJoinPool.common.parallelism=2")
                .run(BusyExecutorsProgram.class);
    }

    // ---- success

    @Test
    void afterTheHandshakeTheConnectionIsStartedAgainAndUsesTls() throws Exception {
        greet(lease.connection().start(listener));
        upgrade(secure, Certificates.good());

        RecordingListener<String> within = new RecordingListener<>();
        lease.connection().start(within).send("secret");
        assertThat(peer.readLine()).isEqualTo("secret\r");
        peer.send("answer\r\n");
        assertThat(within.next()).isEqualTo("answer");
        assertThat(listener.inputs).isEmpty();
    }

    @Test
    void startTlsWorksInsideTheListenerAndTheNextListenerIsStartedInItsCompletion() throws Exception {
        RecordingListener<String> within = new RecordingListener<>();
        CompletableFuture<FrameStream<String>> restarted = new CompletableFuture<>();
        NettyConnection connection = lease.connection();
        connection
                .start(new RecordingListener<>() {
                    @Override
                    public void input(String frame) {
                        connection.startTls(secure).thenRun(() -> restarted.complete(connection.start(within)));
                    }
                })
                .send("STARTTLS");
        assertThat(peer.readLine()).isEqualTo("STARTTLS\r");
        peer.send("220 go on\r\n");
        peer = peer.startTls(Certificates.good());
        restarted.get(20, TimeUnit.SECONDS).send("secret");
        assertThat(peer.readLine()).isEqualTo("secret\r");
        peer.send("answer\r\n");
        assertThat(within.next()).isEqualTo("answer");
    }

    @Test
    void attachedHandlersAreRemovedAndOthersCanBeAttached() throws Exception {
        BlockingQueue<String> before = attachLines();
        peer.send("220 go on\r\n");
        assertThat(before.poll(20, TimeUnit.SECONDS)).isEqualTo("220 go on");
        upgrade(secure, Certificates.good());

        BlockingQueue<String> after = attachLines();
        peer.send("within\r\n");
        assertThat(after.poll(20, TimeUnit.SECONDS)).isEqualTo("within");
        assertThat(before).isEmpty();
    }

    @Test
    void inputAfterTheHandshakeIsKeptForTheNextStart() throws Exception {
        upgrade(secure, Certificates.good());
        peer.send("early\r\n");
        ConnectorRig.awaitEventLoop(link);

        lease.connection().start(listener);
        assertThat(listener.next()).isEqualTo("early");
    }

    @Test
    void theServerNameTheIdentityAndTheProtocolsAreThoseOfTheEndpoint() throws Exception {
        try (TlsServer named = new TlsServer().requestingClientCertificate()) {
            events = rig.dial(Endpoint.of("test", "127.0.0.1", named.port()), new RecordingEvents())
                    .events();
            link = events.link();
            lease = new FakeLease(link, events);
            done(lease.connection()
                    .startTls(Endpoint.of("test", "127.0.0.1", named.port())
                            .withTls(Certificates.NAME)
                            .withIdentity("alice")));
            FrameStream<String> frames = lease.connection().start(listener);
            frames.send("subject");
            assertThat(listener.next()).isEqualTo("CN=alice");
            frames.send("name");
            assertThat(listener.next()).isEqualTo("[" + Certificates.NAME + "]");
        }
    }

    @Test
    void theNegotiatedProtocolIsReported() throws Exception {
        try (TlsServer chooser = new TlsServer().withProtocols("lines/1")) {
            Endpoint plain = Endpoint.of("test", "127.0.0.1", chooser.port());
            events = rig.dial(plain, new RecordingEvents()).events();
            lease = new FakeLease(events.link(), events);
            done(lease.connection().startTls(plain.withProtocols("lines/1")));
            assertThat(lease.connection().applicationProtocol()).isEqualTo("lines/1");
        }
    }

    @Test
    void framesSentBeforeGoOutInTheClearAndNothingAfterThem() throws Exception {
        FrameStream<String> frames = lease.connection().start(listener);
        CountDownLatch go = ConnectorRig.blockEventLoop(link);
        frames.send("last words");
        CompletionStage<?> started = lease.connection().startTls(secure);
        assertThatThrownBy(() -> frames.send("too late"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("TLS has been asked for");
        go.countDown();
        // These bytes and no more: the next byte is TLS.
        assertThat(new String(peer.rawSocket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                .isEqualTo("last words\r\n");
        peer = peer.startTls(Certificates.good());
        done(started);
    }

    @Test
    void aWriteToTheChannelMeanwhileDoesNotGoOutInTheClear() throws Exception {
        CountDownLatch go = ConnectorRig.blockEventLoop(link);
        CompletionStage<?> started = lease.connection().startTls(secure);
        ChannelFuture written = lease.connection()
                .channel()
                .writeAndFlush(link.channel().alloc().buffer().writeByte('x'));
        go.countDown();
        written.await(20, TimeUnit.SECONDS);
        assertThat(written.cause()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> done(started)).isInstanceOf(SSLException.class);
        assertThat(released()).isFalse();
        link.close();
        assertThat(peer.readAll()).isEmpty();
    }

    // ---- input before the handshake

    @Test
    void aLineAfterTheAnswerIsAnInjectionAndIsNeverDelivered() throws Exception {
        NettyConnection connection = lease.connection();
        CompletableFuture<CompletionStage<?>> tlsStage = new CompletableFuture<>();
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        connection.start(new RecordingListener<>() {
            @Override
            public void input(String frame) {
                seen.add(frame);
                tlsStage.complete(connection.startTls(secure));
            }
        });
        peer.send("220 go on\r\n250 injected\r\n");

        assertInjected(tlsStage.get(20, TimeUnit.SECONDS));
        assertThat(seen).containsExactly("220 go on");
    }

    @Test
    void aLineThatComesWhileAnotherThreadCallsStartTlsIsAnInjection() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        lease.connection().start(new RecordingListener<>() {
            @Override
            public void input(String frame) {
                seen.add(frame);
                first.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        peer.send("220 go on\r\n250 injected\r\n");
        assertThat(first.await(20, TimeUnit.SECONDS)).isTrue();
        CompletionStage<?> started = lease.connection().startTls(secure);
        go.countDown();

        assertInjected(started);
        assertThat(seen).containsExactly("220 go on");
    }

    @Test
    void aPartialLineAfterTheAnswerIsAnInjection() throws Exception {
        NettyConnection connection = lease.connection();
        CompletableFuture<CompletionStage<?>> tlsStage = new CompletableFuture<>();
        connection.start(new RecordingListener<>() {
            @Override
            public void input(String frame) {
                tlsStage.complete(connection.startTls(secure));
            }
        });
        peer.send("220 go on\r\n250 inj");

        assertInjected(tlsStage.get(20, TimeUnit.SECONDS));
    }

    @Test
    void aPartialLineInADecoderIsAnInjection() throws Exception {
        BlockingQueue<String> lines = attachLines();
        peer.send("220 go on\r\n250 inj");
        assertThat(lines.poll(20, TimeUnit.SECONDS)).isEqualTo("220 go on");

        assertInjected(lease.connection().startTls(secure));
        assertThat(lines).isEmpty();
    }

    @Test
    void aLineThatAnAttachedHandlerHasNotSeenYetIsAnInjection() throws Exception {
        NettyConnection connection = lease.connection();
        CompletableFuture<CompletionStage<?>> tlsStage = new CompletableFuture<>();
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        connection
                .attach(new LineBasedFrameDecoder(80), new StringDecoder(), new SimpleChannelInboundHandler<String>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext context, String line) {
                        seen.add(line);
                        tlsStage.complete(connection.startTls(secure));
                    }
                })
                .sync();
        peer.send("220 go on\r\n250 injected\r\n");

        assertInjected(tlsStage.get(20, TimeUnit.SECONDS));
        assertThat(seen).containsExactly("220 go on");
    }

    @Test
    void inputHeldBackForTheFirstStartIsAnInjection() throws Exception {
        lease.connection();
        peer.send("220 hello\r\n");
        awaitInput();

        assertInjected(lease.connection().startTls(secure));
    }

    @Test
    void unreadInputInTheSocketIsAnInjection() throws Exception {
        greet(lease.connection().start(listener));
        CountDownLatch go = ConnectorRig.blockEventLoop(link);
        CompletionStage<?> started = lease.connection().startTls(secure);
        peer.send("250 injected\r\n");
        go.countDown();

        assertInjected(started);
        assertThat(listener.inputs).isEmpty();
    }

    @Test
    void inputHeldBackByAPauseIsAnInjection() throws Exception {
        CompletableFuture<FrameStream<String>> frames = new CompletableFuture<>();
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        lease.connection().start(new RecordingListener<>() {
            @Override
            public void started(FrameStream<String> started) {
                frames.complete(started);
            }

            @Override
            public void input(String frame) {
                frames.join().pauseInput();
                seen.add(frame);
            }
        });
        peer.send("220 go on\r\n250 injected\r\n");
        assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo("220 go on");
        ConnectorRig.awaitEventLoop(link);

        assertInjected(lease.connection().startTls(secure));
        assertThat(seen).isEmpty();
    }

    private void assertInjected(CompletionStage<?> started) throws Exception {
        assertThatThrownBy(() -> done(started))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("the peer sent something before TLS");
        assertThatThrownBy(() -> lease.connection().start(new RecordingListener<>()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not in place");
        assertThatThrownBy(() -> lease.connection().attach()).isInstanceOf(IllegalStateException.class);
        assertThat(released()).isFalse();
        link.close();
        // The server got no byte of a handshake.
        assertThat(peer.readAll()).isIn("", "<reset>");
    }

    // ---- failures

    @Test
    void anUntrustedCertificateEndsTheConnectionWithTheTlsError() throws Exception {
        CompletionStage<?> started = lease.connection().startTls(secure);
        assertThatThrownBy(() -> peer.startTls(Certificates.selfSigned())).isInstanceOf(IOException.class);

        assertThatThrownBy(() -> done(started)).isInstanceOf(SSLException.class).hasMessageContaining("PKIX");
        assertThat(events.closeCause()).isInstanceOf(SSLException.class).hasMessageContaining("PKIX");
    }

    @Test
    void unusableTlsSettingsEndTheConnection() throws Exception {
        CompletionStage<?> started = lease.connection().startTls(secure.withIdentity("missing"));

        assertThatThrownBy(() -> done(started)).hasRootCauseMessage("com/example/Provider");
        assertThat(events.closeCause()).hasMessage("com/example/Provider");
    }

    @Test
    void anEngineThatThrowsAfterTheHandshakeEndsTheConnection() throws Exception {
        CompletionStage<?> started = lease.connection().startTls(secure.withIdentity("unknown-protocol"));
        peer = peer.startTls(Certificates.good());

        assertThatThrownBy(() -> done(started)).hasMessage("the engine does not know the protocol");
        assertThat(events.closeCause()).hasMessage("the engine does not know the protocol");
    }

    @Test
    void aPeerThatSpeaksNoTlsEndsTheConnection() throws Exception {
        CompletionStage<?> started = lease.connection().startTls(secure);
        peer.rawSocket.getInputStream().read();
        peer.send("500 what?\r\n");

        assertThatThrownBy(() -> done(started)).hasMessageContaining("not an SSL/TLS record");
        assertThat(events.closeCause()).isInstanceOf(SSLException.class);
    }

    @Test
    void aPeerThatClosesDuringTheHandshakeEndsTheConnection() throws Exception {
        CompletionStage<?> started = lease.connection().startTls(secure);
        peer.rawSocket.getInputStream().read();
        peer.finish();

        assertThatThrownBy(() -> done(started))
                .isInstanceOf(SSLException.class)
                .hasMessage("the peer closed the connection during the handshake");
        assertThat(events.closeCause()).isInstanceOf(SSLException.class);
    }

    @Test
    void aResetDuringTheHandshakeIsReportedAsAReset() throws Exception {
        CompletionStage<?> started = lease.connection().startTls(secure);
        peer.rawSocket.getInputStream().read();
        peer.reset();

        assertThatThrownBy(() -> done(started)).isInstanceOf(IOException.class).hasMessageContaining("reset");
        assertThat(events.closeCause()).hasMessageContaining("reset");
    }

    @Test
    void aHalfClosedConnectionCannotStartTls() throws Exception {
        greet(lease.connection().start(listener));
        peer.finish();
        assertThat(listener.end()).isNull();

        assertThatThrownBy(() -> done(lease.connection().startTls(secure)))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("half-closed");
        events.closeCause();
        assertThat(released()).isFalse();
    }

    @Test
    void startTlsOnAClosedConnectionFails() throws Exception {
        link.close();
        events.closeCause();

        assertThatThrownBy(() -> done(lease.connection().startTls(secure))).isInstanceOf(IOException.class);
    }

    @Test
    void aReleaseDuringTheHandshakeFailsIt() throws Exception {
        CompletionStage<?> started = lease.connection().startTls(secure);
        peer.rawSocket.getInputStream().read();

        assertThat(released()).isFalse();
        link.close();
        assertThatThrownBy(() -> done(started))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the lease has ended");
        events.closeCause();
    }

    // ---- refused calls

    @Test
    void anEndpointWithoutTlsIsRefusedAtOnce() {
        assertThatThrownBy(() -> lease.connection().startTls(Endpoint.of("test", "127.0.0.1", 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it means no TLS");
        assertThatThrownBy(() -> lease.connection().startTls(secure.withIdentity("mallory")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("alice");
        lease.connection().start(listener);
    }

    @Test
    void aSecondStartTlsIsRefused() throws Exception {
        upgrade(secure, Certificates.good());
        assertThatThrownBy(() -> lease.connection().startTls(secure)).isInstanceOf(IllegalStateException.class);
        lease.connection().start(listener);
        peer.send("unharmed\r\n");
        assertThat(listener.next()).isEqualTo("unharmed");
    }

    @Test
    void startTlsOnATlsConnectionIsRefused() throws Exception {
        openTls("TLSv1.3");
        assertThatThrownBy(() -> lease.connection().startTls(secure)).isInstanceOf(IllegalStateException.class);
        lease.connection().start(listener);
        peer.send("unharmed\r\n");
        assertThat(listener.next()).isEqualTo("unharmed");
    }

    @Test
    void startTlsAfterTheEndOfTheLeaseIsRefused() {
        NettyConnection connection = lease.connection();
        lease.release();
        assertThatThrownBy(() -> connection.startTls(secure)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void nothingCanBeStartedDuringTheHandshake() throws Exception {
        NettyConnection connection = lease.connection();
        FrameStream<String> frames = connection.start(listener);
        CompletionStage<?> started = connection.startTls(secure);
        assertThatThrownBy(() -> connection.start(new RecordingListener<>())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(connection::attach).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(frames::pauseInput).isInstanceOf(IllegalStateException.class);
        peer = peer.startTls(Certificates.good());
        done(started);
        assertThatThrownBy(() -> frames.send("to the old one")).isInstanceOf(IllegalStateException.class);
        assertThat(listener.isEnded()).isFalse();
    }

    // ---- release

    @Test
    void anUpgradedConnectionReleasedUnderItsOldEndpointIsNotKept() throws Exception {
        upgrade(secure, Certificates.good());
        assertThat(released()).isFalse();
    }

    @Test
    void anUpgradedConnectionReleasedUnderItsNewEndpointIsKeptAndWatched() throws Exception {
        upgrade(secure, Certificates.good());
        lease.connection().start(listener);
        peer.send("hello\r\n");
        assertThat(listener.next()).isEqualTo("hello");

        lease.releaseAs(secure);
        assertThat(events.reusable()).isTrue();
        FakeLease next = new FakeLease(link, events);
        next.connection().start(listener).send("again");
        assertThat(peer.readLine()).isEqualTo("again\r");
        assertThatThrownBy(() -> next.connection().startTls(secure)).isInstanceOf(IllegalStateException.class);
        next.release();
        assertThat(events.reusable()).isTrue();

        peer.send("x");
        events.closeCause();
    }

    @Test
    void aConnectionCannotBeReleasedAsAnEndpointThatTlsHasNotVerified() throws Exception {
        upgrade(secure, Certificates.good());
        Endpoint plain = Endpoint.of("test", "127.0.0.1", server.port());
        for (Endpoint other : new Endpoint[] {
            plain,
            plain.withTls(),
            plain.withTls("other.test"),
            secure.withIdentity("alice"),
            secure.withProtocols("h2"),
            Endpoint.of("test", "127.0.0.2", server.port()).withTls(Certificates.NAME)
        }) {
            assertThatThrownBy(() -> link.rekey(other))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(secure.toString());
        }
        link.rekey(secure.withOwner("alice"));
        lease.release();
        assertThat(events.reusable()).isTrue();
    }

    @Test
    void aPlaintextConnectionCannotBeReleasedAsATlsEndpoint() {
        assertThatThrownBy(() -> link.rekey(secure)).isInstanceOf(IllegalArgumentException.class);
    }

    // ---- helpers

    private void greet(FrameStream<String> frames) throws Exception {
        frames.send("STARTTLS");
        assertThat(peer.readLine()).isEqualTo("STARTTLS\r");
        peer.send("220 go on\r\n");
        assertThat(listener.next()).isEqualTo("220 go on");
    }

    private void upgrade(Endpoint as, SSLContext context) throws Exception {
        CompletionStage<?> started = lease.connection().startTls(as);
        peer = peer.startTls(context);
        done(started);
    }

    private BlockingQueue<String> attachLines() throws Exception {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        lease.connection()
                .attach(new LineBasedFrameDecoder(80), new StringDecoder(), new SimpleChannelInboundHandler<String>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext context, String line) {
                        lines.add(line);
                    }
                })
                .sync();
        return lines;
    }

    private void awaitInput() {
        org.awaitility.Awaitility.await().until(() -> events.inputsReceived.get() > 0);
    }

    private boolean released() throws Exception {
        lease.release();
        return events.reusable();
    }

    /** Waits for the stage, and throws the exception that it failed with. */
    private static void done(CompletionStage<?> stage) throws Exception {
        try {
            stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() instanceof CompletionException wrapped ? wrapped.getCause() : e.getCause();
            throw cause instanceof Exception failure ? failure : e;
        }
    }
}
