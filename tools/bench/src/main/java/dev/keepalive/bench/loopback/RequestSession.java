package dev.keepalive.bench.loopback;

import dev.keepalive.Lease;
import dev.keepalive.netty.ProtocolContext;
import dev.keepalive.netty.Session;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/** The client's side of a connection as a session of the connector: installed once per connection. */
final class RequestSession implements Session<RequestConnection> {
    private final ProtocolContext context;
    private final OpenRequest request;

    RequestSession(ProtocolContext context, WireFormat format) {
        this.context = context;
        this.request = new OpenRequest(format);
        format.addClientCodec(context.pipeline());
    }

    @Override
    public RequestConnection open(Lease<RequestConnection> lease) {
        return new LeasedConnection(this, lease);
    }

    @Override
    public boolean isReusable() {
        return request.isAnswered();
    }

    @Override
    public void received(Object message) {
        request.received(message);
    }

    @Override
    public void closed(@Nullable Throwable cause) {
        request.ended(cause);
    }

    /** The connection for the time of one lease. */
    private static final class LeasedConnection implements RequestConnection, Runnable {
        private final RequestSession session;
        private final Lease<?> lease;
        private @Nullable RequestClient sender;
        private long number;

        LeasedConnection(RequestSession session, Lease<?> lease) {
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
            RequestClient by = sender;
            if (by != null) {
                Channel channel = session.context.channel();
                channel.writeAndFlush(session.request.begin(channel.alloc(), by, number), channel.voidPromise());
            }
        }
    }
}
