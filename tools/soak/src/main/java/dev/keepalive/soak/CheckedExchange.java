package dev.keepalive.soak;

import dev.keepalive.Lease;
import dev.keepalive.netty.RequestException;
import dev.keepalive.netty.Requests;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. The answer is checked: an answer to another request is a defect, unless no client could
 * have kept it away.
 */
final class CheckedExchange {
    /** How the exchange ended. */
    enum Ending {
        /** The right answer came; the connection is at a message boundary. */
        ANSWERED,
        /** The connection ended before the answer. */
        BROKEN,
        /** A line came that no client can tell from an answer; the answer may still come. */
        STRAY
    }

    private final LeaseUse use;
    private final RequestNumbers numbers;
    private final long request;
    private final SoakFindings findings;
    private final CompletableFuture<Ending> ending = new CompletableFuture<>();
    private volatile int clientPort;
    private volatile @Nullable Throwable failure;

    CheckedExchange(LeaseUse use, RequestNumbers numbers, SoakFindings findings) {
        this.use = use;
        this.numbers = numbers;
        this.request = numbers.next();
        this.findings = findings;
    }

    /**
     * The use of one lease: its exchanges have the same one.
     *
     * @param holder a number of its own
     * @param since when the acquire had not begun yet, in nanoseconds
     */
    record LeaseUse(long holder, long since) {}

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

    /** The request as a line. */
    String line() {
        return request + " " + use.holder() + "\n";
    }

    /** The request as the text of a frame. */
    String text() {
        return request + " " + use.holder() + " " + use.since();
    }

    /** Notes on which connection it is sent. */
    void sentOn(Channel channel) {
        if (channel.localAddress() instanceof InetSocketAddress local) {
            clientPort = local.getPort();
        }
    }

    /** Whether there is no answer, and the server has not acted on the request. */
    boolean isUnsent() {
        return failure instanceof RequestException lost && lost.isUnsent();
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
            } else if (isUnsent()) {
                // It is safe to send it again. The server finds it if it arrives twice.
                numbers.again(request);
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
}
