package dev.keepalive.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import org.jspecify.annotations.Nullable;

/**
 * Sees each frame before Netty's decoder does: counts those that bring nothing forward, drops those that nobody awaits
 * and gives their bytes back to the window of the connection, and refuses what a server must not send. Event loop only.
 */
final class Http2Guard implements Http2FrameReader {
    private final Http2FrameReader reader;
    private final Http2Connection connection;
    private final Http2Session session;
    private final Http2Budget budget;
    private @Nullable Guarded guarded;

    Http2Guard(Http2FrameReader reader, Http2Connection connection, Http2Session session, Http2Budget budget) {
        this.reader = reader;
        this.connection = connection;
        this.session = session;
        this.budget = budget;
    }

    @Override
    public void readFrame(ChannelHandlerContext context, ByteBuf input, Http2FrameListener listener)
            throws Http2Exception {
        if (session.isClosing()) {
            input.skipBytes(input.readableBytes());
            return;
        }
        Guarded guard = guarded;
        if (guard == null || !guard.isOf(listener)) {
            guard = new Guarded(listener);
            guarded = guard;
        }
        reader.readFrame(context, input, guard);
    }

    @Override
    public Configuration configuration() {
        return reader.configuration();
    }

    @Override
    public void close() {
        reader.close();
    }

    /** Whether this is a stream of ours that awaits nothing any more. */
    private boolean isStray(int stream) {
        return !session.awaits(stream) && connection.local().mayHaveCreatedStream(stream);
    }

    private final class Guarded extends Http2FrameListenerDecorator {
        Guarded(Http2FrameListener listener) {
            super(listener);
        }

        boolean isOf(Http2FrameListener other) {
            return listener == other;
        }

        @Override
        public int onDataRead(ChannelHandlerContext context, int stream, ByteBuf data, int padding, boolean last)
                throws Http2Exception {
            if (!data.isReadable() && !last) {
                budget.spend("an empty DATA frame");
            }
            if (!isStray(stream)) {
                return super.onDataRead(context, stream, data, padding, last);
            }
            int bytes = data.readableBytes() + padding;
            budget.stray(bytes);
            // Its bytes are given back at once, or when the stream closes, since it was reset.
            connection
                    .local()
                    .flowController()
                    .receiveFlowControlledFrame(connection.stream(stream), data, padding, last);
            return bytes;
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext context, int stream, Http2Headers headers, int padding, boolean last)
                throws Http2Exception {
            if (isWanted(stream)) {
                super.onHeadersRead(context, stream, headers, padding, last);
            }
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext context,
                int stream,
                Http2Headers headers,
                int dependency,
                short weight,
                boolean exclusive,
                int padding,
                boolean last)
                throws Http2Exception {
            // Priorities are of no use to a client.
            onHeadersRead(context, stream, headers, padding, last);
        }

        private boolean isWanted(int stream) throws Http2Exception {
            if (stream % 2 == 0) {
                throw Http2Exception.connectionError(
                        Http2Error.PROTOCOL_ERROR, "the server opened stream %d, which only a push may do", stream);
            }
            boolean stray = isStray(stream);
            if (stray) {
                budget.spend("HEADERS on a stream that has ended");
            }
            return !stray;
        }

        @Override
        public void onPriorityRead(
                ChannelHandlerContext context, int stream, int dependency, short weight, boolean exclusive)
                throws Http2Exception {
            budget.spend("PRIORITY");
        }

        @Override
        public void onRstStreamRead(ChannelHandlerContext context, int stream, long error) throws Http2Exception {
            budget.spend("RST_STREAM");
            super.onRstStreamRead(context, stream, error);
        }

        @Override
        public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings) throws Http2Exception {
            budget.spend("SETTINGS");
            super.onSettingsRead(context, settings);
        }

        @Override
        public void onSettingsAckRead(ChannelHandlerContext context) throws Http2Exception {
            budget.spend("SETTINGS with ACK");
            super.onSettingsAckRead(context);
        }

        @Override
        public void onPingRead(ChannelHandlerContext context, long data) throws Http2Exception {
            budget.spend("PING");
            super.onPingRead(context, data);
        }

        @Override
        public void onPingAckRead(ChannelHandlerContext context, long data) throws Http2Exception {
            budget.spend("PING with ACK");
            super.onPingAckRead(context, data);
        }

        @Override
        public void onPushPromiseRead(
                ChannelHandlerContext context, int stream, int promised, Http2Headers headers, int padding)
                throws Http2Exception {
            throw Http2Exception.connectionError(
                    Http2Error.PROTOCOL_ERROR, "the server sent PUSH_PROMISE, though ENABLE_PUSH is 0");
        }

        @Override
        public void onGoAwayRead(ChannelHandlerContext context, int lastStream, long error, ByteBuf debugData)
                throws Http2Exception {
            budget.spend("GOAWAY");
            session.goAway(lastStream, error, debugData);
            super.onGoAwayRead(context, lastStream, error, debugData);
        }

        @Override
        public void onWindowUpdateRead(ChannelHandlerContext context, int stream, int increment) throws Http2Exception {
            budget.spend("WINDOW_UPDATE");
            super.onWindowUpdateRead(context, stream, increment);
        }

        @Override
        public void onUnknownFrame(
                ChannelHandlerContext context, byte type, int stream, Http2Flags flags, ByteBuf payload)
                throws Http2Exception {
            budget.spend("one of the unknown type " + (type & 0xff));
        }
    }
}
