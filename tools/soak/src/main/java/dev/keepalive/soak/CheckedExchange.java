package dev.keepalive.soak;

import dev.keepalive.Lease;
import dev.keepalive.netty.RequestException;
import dev.keepalive.netty.RequestResponse;
import dev.keepalive.netty.Requests;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.MessageToMessageEncoder;
import io.netty.handler.codec.string.StringDecoder;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. The answer is checked: an answer to another request is a defect, unless no client could
 * have kept it away.
 */
final class CheckedExchange {
    private static final int LONGEST_LINE = 200;

    /** What the connections speak: a line for each exchange, and a line as its answer. */
    static final RequestResponse<CheckedExchange, String> PROTOCOL = RequestResponse.of(
            String.class,
            pipeline -> pipeline.addLast(
                    new LineBasedFrameDecoder(LONGEST_LINE, true, true),
                    new StringDecoder(StandardCharsets.US_ASCII),
                    new RequestEncoder()));

    /** How the exchange ended. */
    enum Ending {
        /** The right answer came; the connection is at a message boundary. */
        ANSWERED,
        /** The connection ended before the answer. */
        BROKEN,
        /** A line came that no client can tell from an answer; the answer may still come. */
        STRAY
    }

    private final long request;
    private final SoakFindings findings;
    private final CompletableFuture<Ending> ending = new CompletableFuture<>();
    private volatile int clientPort;
    private volatile @Nullable Throwable failure;

    CheckedExchange(long request, SoakFindings findings) {
        this.request = request;
        this.findings = findings;
    }

    /**
     * Sends the request.
     *
     * @throws IllegalStateException if the lease has ended
     */
    CompletableFuture<Ending> begin(Lease<Requests<CheckedExchange, String>> lease) {
        lease.connection().send(this).whenComplete((line, failure) -> ending.complete(check(line, failure)));
        return ending;
    }

    CompletableFuture<Ending> ending() {
        return ending;
    }

    /** The local port; 0 if the connection was gone before the request was written. */
    int clientPort() {
        return clientPort;
    }

    /** Why there is no answer; null if there is one. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    private Ending check(@Nullable String text, @Nullable Throwable lost) {
        failure = lost;
        if (text == null) {
            if (!(lost instanceof RequestException)) {
                findings.add("request " + request + " failed with an undeclared exception: " + lost);
            }
            return Ending.BROKEN;
        }
        ServerLine line = ServerLine.parse(text);
        if (line == null) {
            findings.add("request " + request + " read '" + text + "', which the server never sends");
            return Ending.STRAY;
        }
        if (line.kind().mayReachAnotherHolder()) {
            return Ending.STRAY;
        }
        if (line.request() != request) {
            findings.add("request " + request + " read the answer to another request: " + text);
            return Ending.STRAY;
        }
        return Ending.ANSWERED;
    }

    /** Writes the request of an exchange, and notes on which connection. */
    private static final class RequestEncoder extends MessageToMessageEncoder<CheckedExchange> {
        @Override
        protected void encode(ChannelHandlerContext context, CheckedExchange exchange, List<Object> out) {
            if (context.channel().localAddress() instanceof InetSocketAddress local) {
                exchange.clientPort = local.getPort();
            }
            out.add(ByteBufUtil.writeAscii(context.alloc(), exchange.request + "\n"));
        }
    }
}
