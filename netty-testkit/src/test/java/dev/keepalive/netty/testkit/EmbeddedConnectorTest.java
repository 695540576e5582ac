package dev.keepalive.netty.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Lease;
import dev.keepalive.netty.Protocol;
import dev.keepalive.netty.ProtocolContext;
import dev.keepalive.netty.RequestResponse;
import dev.keepalive.netty.Requests;
import dev.keepalive.netty.Session;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.codec.MessageToByteEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That a test without sockets sees what production does, and fails when the client does what it should not. */
class EmbeddedConnectorTest extends EmbeddedRig {
    // ---- a test must fail

    @Test
    void aRequestThatWasNotExpectedBreaksTheConnectionAndIsTold() {
        lines.nextPeer().expect("one\n").send("ONE\n");
        assertThatThrownBy(() -> call("other\n"))
                .hasRootCauseMessage("peer 1 (lines://server.example:7) expected \"one\\n\" but received \"other\\n\"");
        assertThatThrownBy(lines::check)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("expected \"one\\n\" but received \"other\\n\"");
    }

    @Test
    void aRequestThatDidNotComeIsTold() {
        lines.nextPeer().expect("one\n");
        lines.nextPeer();
        acquire().invalidate();
        assertThatThrownBy(lines::check)
                .hasMessageContaining("peer 1 (lines://server.example:7) still expects \"one\\n\"")
                .hasMessageContaining("peer 2 was never dialed");
        acquire().release();
    }

    @Test
    void whatThePeerDidNotExpectIsTold() {
        Lease<Requests<String, String>> lease = acquire();
        lease.connection().send("\u0001\n");
        assertThatThrownBy(lines::check).hasMessageContaining("has received what it did not expect: 010a");
        lease.invalidate();
    }

    @Test
    void aLeaseThatIsNotReleasedIsTold() {
        Lease<Requests<String, String>> kept = acquire();
        assertThatThrownBy(() -> lines.leakCheck(manager).check())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("not at rest");
        kept.release();
    }

    // ---- as in production

    @Test
    void blockingOnTheEventLoopIsRefused() {
        Lease<Requests<String, String>> lease = acquire();
        CompletableFuture<Throwable> refused = lease.connection().send("one\n").thenApply(answer -> {
            try {
                return new AssertionError(lease.connection().call("two\n"));
            } catch (Exception e) {
                return e;
            }
        });
        peer(1).expect("one\n").send("ONE\n");
        assertThat(refused.join()).isInstanceOf(IllegalStateException.class).hasMessageContaining("event loop");
        lease.release();
    }

    @Test
    void aSetupRunsOncePerConnection() throws Exception {
        EmbeddedConnector<Requests<String, String>> withLogin = EmbeddedConnector.of(LINES);
        try (ConnectionManager<Requests<String, String>> connections = withLogin
                .managerBuilder()
                .setup((connection, to) -> connection.send("HELLO\n"))
                .build()) {
            withLogin.nextPeer().expect("HELLO\n").send("OK\n").expect("one\n").send("ONE\n");
            String answer = connections.blocking().use(endpoint, lease -> lease.connection()
                    .call("one\n"));
            assertThat(answer).isEqualTo("ONE");
            withLogin.check();
        }
        assertThat(withLogin.open()).isZero();
    }

    @Test
    void whatHandlersScheduleRunsWhenTheClockIsAdvanced() {
        List<String> seen = new ArrayList<>();
        Protocol<Requests<String, String>> scheduling = context -> {
            context.channel().eventLoop().schedule(() -> seen.add("second"), 2, TimeUnit.SECONDS);
            context.channel().eventLoop().schedule(() -> seen.add("first"), 1, TimeUnit.SECONDS);
            context.channel()
                    .eventLoop()
                    .schedule(() -> seen.add("never"), 1, TimeUnit.SECONDS)
                    .cancel(false);
            return LINES.install(context);
        };
        EmbeddedConnector<Requests<String, String>> connector = EmbeddedConnector.of(scheduling);
        try (ConnectionManager<Requests<String, String>> connections =
                connector.managerBuilder().build()) {
            connections.acquire(endpoint).join().release();
            connector.time().advance(Duration.ofMillis(999));
            assertThat(seen).isEmpty();
            connector.time().advance(Duration.ofMillis(1));
            assertThat(seen).containsExactly("first");
            connector.time().advance(Duration.ofHours(1));
            assertThat(seen).containsExactly("first", "second");
        }
    }

    @Test
    void messagesAreExpectedAndSentByEncoders() {
        RequestResponse<Integer, ByteBuf> numbers = RequestResponse.of(
                ByteBuf.class, pipeline -> pipeline.addLast(new FixedLengthFrameDecoder(4), new NumberEncoder()));
        EmbeddedConnector<Requests<Integer, ByteBuf>> connector =
                EmbeddedConnector.of(numbers).encoders(pipeline -> pipeline.addLast(new NumberEncoder()));
        try (ConnectionManager<Requests<Integer, ByteBuf>> connections =
                connector.managerBuilder().build()) {
            CompletableFuture<Integer> answer = connections.use(
                    endpoint, lease -> lease.connection().send(7).thenApply(EmbeddedConnectorTest::number));
            connector.peers().get(0).expect(7).send(49);
            assertThat(answer).isCompletedWithValue(49);
            connector.check();
            assertThatThrownBy(() -> connector.nextPeer().expect(1L)).hasMessageContaining("java.lang.Long");
        }
    }

    private static int number(ByteBuf answer) {
        try {
            return answer.readInt();
        } finally {
            answer.release();
        }
    }

    private static final class NumberEncoder extends MessageToByteEncoder<Integer> {
        @Override
        protected void encode(ChannelHandlerContext context, Integer number, ByteBuf out) {
            out.writeInt(number);
        }
    }

    @Test
    @Tag("L67")
    void aRequestThatNoEncoderTakesEndsTheConnection() {
        RequestResponse<Object, ByteBuf> noEncoder =
                RequestResponse.of(ByteBuf.class, pipeline -> pipeline.addLast(new FixedLengthFrameDecoder(4)));
        EmbeddedConnector<Requests<Object, ByteBuf>> connector = EmbeddedConnector.of(noEncoder);
        try (ConnectionManager<Requests<Object, ByteBuf>> connections =
                connector.managerBuilder().build()) {
            CompletableFuture<ByteBuf> answer =
                    connections.use(endpoint, lease -> lease.connection().send("text"));
            assertThat(lost(answer)).hasStackTraceContaining("is an encoder missing?");
        }
    }

    @Test
    void aProtocolThatRefusesAConnectionFailsTheDial() {
        EmbeddedConnector<Requests<String, String>> connector = EmbeddedConnector.of(context -> {
            throw new IllegalStateException("not today");
        });
        try (ConnectionManager<Requests<String, String>> connections =
                connector.managerBuilder().build()) {
            assertThatThrownBy(() -> connections.blocking().acquire(endpoint)).hasMessageContaining("not today");
            assertThat(connector.open()).isZero();
        }
    }

    @Test
    void aProtocolThatHalfClosesGoesOnSendingAfterThePeersEnd() {
        EmbeddedConnector<HalfCloser> connector = EmbeddedConnector.of(HalfCloser::new);
        try (ConnectionManager<HalfCloser> connections =
                connector.managerBuilder().build()) {
            Lease<HalfCloser> lease = connections.acquire(endpoint).join();
            ScriptedPeer peer = connector.peers().get(0);
            peer.close();
            assertThat(lease.connection().peerHasEnded).isTrue();
            assertThat(peer.isOpen()).isTrue();
            lease.connection().sendAndEnd(lease, "rest");
            peer.expect("rest").expectEnd();
            connector.check();
            lease.invalidate();
        }
    }

    @Test
    void whatArrivesWhileTheClientDoesNotReadArrivesLater() {
        EmbeddedConnector<HalfCloser> connector = EmbeddedConnector.of(HalfCloser::new);
        try (ConnectionManager<HalfCloser> connections =
                connector.managerBuilder().build()) {
            Lease<HalfCloser> lease = connections.acquire(endpoint).join();
            HalfCloser client = lease.connection();
            client.context.channel().config().setAutoRead(false);
            // One read is under way by then, as with a socket.
            connector.peers().get(0).send("a", "b", "c");
            assertThat(client.read).isEqualTo(1);
            client.context.channel().config().setAutoRead(true);
            assertThat(client.read).isEqualTo(3);
            lease.invalidate();
        }
    }

    /** A session that is its own handle. */
    private static final class HalfCloser extends ChannelInboundHandlerAdapter implements Session<HalfCloser> {
        final ProtocolContext context;
        boolean peerHasEnded;
        int read;

        HalfCloser(ProtocolContext context) {
            this.context = context;
            context.pipeline().addLast(this);
            context.allowHalfClosure();
            assertThat(context.channel().config().getOption(ChannelOption.ALLOW_HALF_CLOSURE))
                    .isTrue();
        }

        void sendAndEnd(Lease<HalfCloser> lease, String text) {
            context.execute(
                    lease,
                    () -> {
                        context.channel()
                                .writeAndFlush(
                                        context.channel().alloc().buffer().writeBytes(text.getBytes()));
                        ((DuplexChannel) context.channel()).shutdownOutput();
                    },
                    () -> {});
        }

        @Override
        public void channelRead(ChannelHandlerContext reader, Object message) {
            read += ((ByteBuf) message).readableBytes();
            ((ByteBuf) message).release();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext reader, Object event) {
            peerHasEnded |= event == ChannelInputShutdownEvent.INSTANCE;
        }

        @Override
        public HalfCloser open(Lease<HalfCloser> lease) {
            return this;
        }

        @Override
        public void received(Object message) {}

        @Override
        public boolean isReusable() {
            return false;
        }

        @Override
        public void closed(@Nullable Throwable cause) {}
    }
}
