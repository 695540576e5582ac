package dev.keepalive.docs;

import dev.keepalive.netty.FrameListener;
import dev.keepalive.netty.NettyConnection;
import java.io.EOFException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One line out, one line back. */
final class Lines {
    private Lines() {}

    /** Sends a line; completes with the line that comes back. */
    static CompletableFuture<String> call(NettyConnection connection, String line) {
        var reply = new CompletableFuture<String>();
        connection
                .start(new FrameListener<String>() {
                    @Override
                    public void input(String answer) {
                        reply.complete(answer);
                    }

                    @Override
                    public void ended(@Nullable Throwable error) {
                        reply.completeExceptionally(error == null ? new EOFException() : error);
                    }
                })
                .send(line);
        return reply;
    }
}
