package dev.keepalive.http;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2PromisedRequestVerifier;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import org.jspecify.annotations.Nullable;

/** Netty's HTTP/2 on one connection: frames, header compression and flow control. Tells its session of errors. */
final class Http2Handler extends Http2ConnectionHandler {
    /** Most CONTINUATION frames of less than 8 KiB each that one header section may have. */
    static final int MAX_SMALL_CONTINUATIONS = 10;

    /** A server may let this side remember more fields of requests; it is memory, and of little use. */
    private static final long MAX_ENCODER_TABLE = 4096;

    private final Http2Session session;
    private @Nullable ChannelHandlerContext context;
    private boolean reading;

    private Http2Handler(
            Http2ConnectionDecoder decoder,
            Http2ConnectionEncoder encoder,
            Http2Settings settings,
            Http2Session session) {
        super(decoder, encoder, settings, true);
        this.session = session;
    }

    static Http2Handler of(Http2Session session, HttpOptions options, Http2Budget budget) {
        Http2Connection connection = new DefaultHttp2Connection(false);
        connection
                .remote()
                .flowController(
                        new DefaultHttp2RemoteFlowController(connection, new UniformStreamByteDistributor(connection)));
        Http2ConnectionEncoder encoder =
                new DefaultHttp2ConnectionEncoder(connection, new DefaultHttp2FrameWriter(new RequestEncoder()));
        DefaultHttp2FrameReader reader = new DefaultHttp2FrameReader(
                new ResponseDecoder(options.maxHeaderSize(), options.maxHeaderFields()), MAX_SMALL_CONTINUATIONS);
        Http2ConnectionDecoder decoder = new DefaultHttp2ConnectionDecoder(
                connection,
                encoder,
                new Http2Guard(reader, connection, session, budget),
                Http2PromisedRequestVerifier.ALWAYS_VERIFY,
                true,
                true,
                false);
        Http2Settings settings = new Http2Settings()
                .pushEnabled(false)
                .initialWindowSize(options.streamWindow())
                .maxHeaderListSize(options.maxHeaderSize());
        decoder.frameListener(session.frames());
        connection.addListener(session.frames());
        return new Http2Handler(decoder, encoder, settings, session);
    }

    /** Sends what HTTP/2 begins with, and widens the window of the connection. */
    void begin(int connectionWindow) throws Http2Exception {
        int present = connection()
                .local()
                .flowController()
                .initialWindowSize(connection().connectionStream());
        if (connectionWindow > present) {
            connection()
                    .local()
                    .flowController()
                    .incrementWindowSize(connection().connectionStream(), connectionWindow - present);
        }
        flush(context());
    }

    ChannelHandlerContext context() {
        ChannelHandlerContext added = context;
        if (added == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return added;
    }

    /** Whether input is being taken: at its end, everything is flushed. */
    boolean isReading() {
        return reading;
    }

    /** Tells the server that the connection ends, and why. */
    void goAway(Http2Error error, String why) {
        ChannelHandlerContext added = context();
        goAway(added, 0, error.code(), ByteBufUtil.writeUtf8(added.alloc(), why), added.newPromise());
        flush(added);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) throws Exception {
        context = added;
        super.handlerAdded(added);
    }

    @Override
    public void channelRead(ChannelHandlerContext reader, Object message) throws Exception {
        reading = true;
        session.inputArrived();
        super.channelRead(reader, message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext reader) throws Exception {
        reading = false;
        super.channelReadComplete(reader);
    }

    @Override
    protected void onConnectionError(
            ChannelHandlerContext failed, boolean outbound, Throwable cause, @Nullable Http2Exception known) {
        session.connectionFailed(
                known == null ? Http2Error.INTERNAL_ERROR : known.error(), Http2Faults.ofConnection(cause, known));
    }

    @Override
    protected void onStreamError(
            ChannelHandlerContext failed, boolean outbound, Throwable cause, Http2Exception.StreamException known) {
        if (!failed.channel().isActive()) {
            return; // the end of the connection is told to all its streams, with the reason
        }
        // First: the reset may close the stream at once.
        session.streamFailed(known.streamId(), Http2Faults.ofStream(known, outbound));
        if (connection().stream(known.streamId()) != null) {
            super.onStreamError(failed, outbound, cause, known);
        }
    }

    /** Fields that are secret are not kept, and a server cannot make this side keep more than is usual. */
    private static final class RequestEncoder extends DefaultHttp2HeadersEncoder {
        RequestEncoder() {
            super(Http2Fields::isSensitive);
        }

        @Override
        public void maxHeaderTableSize(long max) throws Http2Exception {
            super.maxHeaderTableSize(Math.min(max, MAX_ENCODER_TABLE));
        }
    }

    private static final class ResponseDecoder extends DefaultHttp2HeadersDecoder {
        private final int maxFields;

        ResponseDecoder(int maxSize, int maxFields) {
            super(false, maxSize);
            this.maxFields = maxFields;
        }

        @Override
        protected Http2Headers newHeaders() {
            return new Http2ResponseFields(maxFields);
        }
    }
}
