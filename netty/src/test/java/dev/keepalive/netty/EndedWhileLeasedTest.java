package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.keepalive.Lease;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The server ends all connections while they are leased. Their places are free at once, whatever the holders do. */
class EndedWhileLeasedTest extends SocketManagerRig {
    private static final int LIMIT = 4;

    /** What a holder has done with its connection, and goes on doing: it never ends its lease. */
    private enum Holder {
        HAS_THE_LEASE,
        HAS_THE_CONNECTION,
        HAS_THE_CHANNEL,
        HAS_ATTACHED_A_HANDLER
    }

    private final BlockingQueue<Boolean> inactive = new LinkedBlockingQueue<>();

    @ParameterizedTest
    @EnumSource(Holder.class)
    @Tag("G27")
    void theEndOfAllLeasedConnectionsServesTheWaiter(Holder holder) throws Exception {
        manager(LIMIT, LIMIT);
        List<Lease<NettyConnection>> held = new ArrayList<>();
        for (int i = 0; i < LIMIT; i++) {
            Lease<NettyConnection> lease = acquired();
            use(lease, holder);
            held.add(lease);
        }
        await().until(() -> server.open() == LIMIT);
        CompletableFuture<Lease<NettyConnection>> waiter = manager.acquire(endpoint);
        assertThat(manager.snapshot().all().waiting()).isEqualTo(1);

        server.endAll(false);

        got(waiter).release();
        if (holder == Holder.HAS_ATTACHED_A_HANDLER) {
            for (int i = 0; i < LIMIT; i++) {
                assertThat(inactive.poll(20, TimeUnit.SECONDS)).isTrue();
            }
        }
        for (Lease<NettyConnection> lease : held) {
            assertThat(lease.release())
                    .as("a release after the end does no harm")
                    .isTrue();
        }
    }

    private void use(Lease<NettyConnection> lease, Holder holder) throws Exception {
        switch (holder) {
            case HAS_THE_LEASE -> {}
            case HAS_THE_CONNECTION -> lease.connection();
            case HAS_THE_CHANNEL -> lease.connection().channel();
            case HAS_ATTACHED_A_HANDLER ->
                lease.connection()
                        .attach(new SimpleChannelInboundHandler<ByteBuf>() {
                            @Override
                            protected void channelRead0(ChannelHandlerContext context, ByteBuf input) {}

                            @Override
                            public void channelInactive(ChannelHandlerContext context) {
                                inactive.add(true);
                            }
                        })
                        .sync();
        }
    }

    @Test
    void aProtocolSaysItselfWhetherItsConnectionsMayBeHalfClosed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NettyConnector.builder().allowHalfClosure().build(ProtocolRig.LINES))
                .withMessageStartingWith("allowHalfClosure is not allowed with a protocol");
    }
}
