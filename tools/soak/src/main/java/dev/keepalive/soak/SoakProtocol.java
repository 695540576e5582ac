package dev.keepalive.soak;

import dev.keepalive.Endpoint;
import dev.keepalive.netty.Protocol;
import dev.keepalive.netty.ProtocolContext;
import dev.keepalive.netty.RequestResponse;
import dev.keepalive.netty.Requests;
import dev.keepalive.netty.Session;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.MessageToByteEncoder;
import io.netty.handler.codec.MessageToMessageEncoder;
import io.netty.handler.codec.string.StringDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** What the connections speak: each endpoint its {@link EndpointKind}. */
final class SoakProtocol implements Protocol<Requests<CheckedExchange, String>> {
    private static final int LONGEST_LINE = 200;

    /** Longer than the server ever takes without a fault, shorter than the manager waits for a clean-up. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(4);

    private static final RequestResponse<CheckedExchange, String> LINES = RequestResponse.of(
            String.class,
            pipeline -> pipeline.addLast(
                    new LineBasedFrameDecoder(LONGEST_LINE, true, true),
                    new StringDecoder(StandardCharsets.US_ASCII),
                    new RequestEncoder()));

    private static final RequestResponse<CheckedExchange, String> PIPELINED =
            LINES.withAnswerTimeout(ANSWER_TIMEOUT).pipelined(EndpointKind.PIPE.mostLeases());

    @Override
    public Session<Requests<CheckedExchange, String>> install(ProtocolContext context) {
        return switch (EndpointKind.of(context.endpoint())) {
            case LINE -> LINES.install(context);
            case PIPE -> PIPELINED.install(context);
            case MUX -> {
                context.pipeline().addLast(new FrameDecoder(), new FrameEncoder());
                context.share(0); // the server says how many
                yield new StreamSession(context);
            }
        };
    }

    @Override
    public int expectedLeases(Endpoint endpoint) {
        return EndpointKind.of(endpoint).mostLeases();
    }

    /** Writes the request of an exchange as a line. */
    private static final class RequestEncoder extends MessageToMessageEncoder<CheckedExchange> {
        @Override
        protected void encode(ChannelHandlerContext context, CheckedExchange exchange, List<Object> out) {
            exchange.sentOn(context.channel());
            out.add(ByteBufUtil.writeAscii(context.alloc(), exchange.line()));
        }
    }

    private static final class FrameEncoder extends MessageToByteEncoder<StreamFrame> {
        @Override
        protected void encode(ChannelHandlerContext context, StreamFrame frame, ByteBuf out) {
            out.writeBytes(frame.bytes());
        }
    }

    private static final class FrameDecoder extends ByteToMessageDecoder {
        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            ByteBuffer arrived = in.nioBuffer();
            StreamFrame frame = StreamFrame.read(arrived);
            if (frame != null) {
                in.skipBytes(arrived.position());
                out.add(frame);
            }
        }
    }
}
