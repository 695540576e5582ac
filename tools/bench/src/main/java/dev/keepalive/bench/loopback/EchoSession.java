package dev.keepalive.bench.loopback;

import dev.keepalive.Lease;
import dev.keepalive.netty.ProtocolContext;
import dev.keepalive.netty.Session;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The echo protocol of {@link EchoHandler} as a session of the connector: installed once per connection. */
final class EchoSession implements Session<EchoConnection> {
    private final ProtocolContext context;
    private @Nullable RequestClient client;
    private long stamp;
    private volatile int missing;

    EchoSession(ProtocolContext context) {
        this.context = context;
    }

    @Override
    public EchoConnection open(Lease<EchoConnection> lease) {
        return new LeasedEcho(this, lease);
    }

    @Override
    public boolean isReusable() {
        return missing == 0;
    }

    @Override
    public void received(Object message) {
        ByteBuf bytes = (ByteBuf) message;
        int read = bytes.readableBytes();
        boolean own = missing < EchoHandler.SIZE || bytes.getLong(bytes.readerIndex()) == stamp;
        bytes.skipBytes(read).release();
        missing -= read;
        RequestClient asked = Objects.requireNonNull(client, "an answer without a request");
        if (!own || missing < 0) {
            asked.fail(new IllegalStateException("the answer belongs to another request"));
        } else if (missing == 0) {
            asked.answered();
        }
    }

    @Override
    public void closed(@Nullable Throwable cause) {
        RequestClient last = client;
        if (last != null && missing > 0) {
            last.fail(new IllegalStateException("the connection was closed", cause));
        } else if (last != null) {
            last.lost();
        }
    }

    /** The connection for the time of one lease. */
    private static final class LeasedEcho implements EchoConnection, Runnable {
        private final EchoSession session;
        private final Lease<?> lease;
        private @Nullable RequestClient sender;
        private long number;

        LeasedEcho(EchoSession session, Lease<?> lease) {
            this.session = session;
            this.lease = lease;
        }

        @Override
        public void send(RequestClient by, long stamp) {
            sender = by;
            number = stamp;
            if (!session.context.execute(lease, this, () -> {})) {
                by.fail(new IllegalStateException("the lease has ended"));
            }
        }

        @Override
        public void run() {
            session.client = sender;
            session.stamp = number;
            session.missing = EchoHandler.SIZE;
            Channel channel = session.context.channel();
            channel.writeAndFlush(EchoHandler.request(channel.alloc(), number), channel.voidPromise());
        }
    }
}
