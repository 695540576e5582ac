package dev.keepalive.soak;

import dev.keepalive.Lease;
import dev.keepalive.netty.FrameListener;
import dev.keepalive.netty.Framing;
import dev.keepalive.netty.NettyConnection;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.LineEncoder;
import io.netty.handler.codec.string.LineSeparator;
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
final class CheckedExchange implements FrameListener<String> {
    private static final int LONGEST_LINE = 200;
    private static final Framing<String> LINES = Framing.of(
            String.class,
            () -> List.of(
                    new LineBasedFrameDecoder(LONGEST_LINE, true, true),
                    new StringDecoder(StandardCharsets.US_ASCII),
                    new LineEncoder(LineSeparator.UNIX, StandardCharsets.US_ASCII)));

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
    private int clientPort;

    CheckedExchange(long request, SoakFindings findings) {
        this.request = request;
        this.findings = findings;
    }

    /**
     * Sends the request.
     *
     * @throws IllegalStateException if the lease has ended
     */
    CompletableFuture<Ending> begin(Lease<NettyConnection> lease) {
        NettyConnection connection = lease.connection();
        if (connection.channel().localAddress() instanceof InetSocketAddress local) {
            clientPort = local.getPort();
        }
        connection.start(LINES, this).send(Long.toString(request));
        return ending;
    }

    CompletableFuture<Ending> ending() {
        return ending;
    }

    /** The local port; 0 if the connection was gone before it could be read. */
    int clientPort() {
        return clientPort;
    }

    @Override
    public void input(String text) {
        ServerLine line = ServerLine.parse(text);
        if (line == null) {
            findings.add("request " + request + " read '" + text + "', which the server never sends");
            ending.complete(Ending.STRAY);
        } else if (line.kind().mayReachAnotherHolder()) {
            ending.complete(Ending.STRAY);
        } else if (line.request() != request) {
            findings.add("request " + request + " read the answer to another request: " + text);
            ending.complete(Ending.STRAY);
        } else {
            ending.complete(Ending.ANSWERED);
        }
    }

    @Override
    public void ended(@Nullable Throwable error) {
        ending.complete(Ending.BROKEN);
    }
}
