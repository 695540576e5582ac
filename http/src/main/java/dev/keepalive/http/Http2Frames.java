package dev.keepalive.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;

/** Brings what the server has sent, and what becomes of streams, to the exchange that it is for. Event loop only. */
final class Http2Frames extends Http2FrameAdapter implements Http2Connection.Listener {
    private final Http2Session session;

    Http2Frames(Http2Session session) {
        this.session = session;
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
            boolean last) {
        Http2Exchange exchange = session.exchange(stream);
        if (exchange != null) {
            exchange.headers((Http2ResponseFields) headers, last);
        }
    }

    @Override
    public int onDataRead(ChannelHandlerContext context, int stream, ByteBuf data, int padding, boolean last) {
        Http2Exchange exchange = session.exchange(stream);
        return padding + (exchange == null ? data.readableBytes() : exchange.data(data, last));
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext context, int stream, long error) {
        Http2Exchange exchange = session.exchange(stream);
        if (exchange != null) {
            exchange.resetByServer(error);
        }
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings) {
        session.settingsArrived();
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext context, long data) {
        session.pingAnswered(data);
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
        session.streamClosed(stream.id());
    }

    @Override
    public void onStreamAdded(Http2Stream stream) {}

    @Override
    public void onStreamActive(Http2Stream stream) {}

    @Override
    public void onStreamHalfClosed(Http2Stream stream) {}

    @Override
    public void onStreamRemoved(Http2Stream stream) {}

    @Override
    public void onGoAwaySent(int lastStream, long error, ByteBuf debugData) {}

    @Override
    public void onGoAwayReceived(int lastStream, long error, ByteBuf debugData) {}
}
