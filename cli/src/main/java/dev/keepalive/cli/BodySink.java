package dev.keepalive.cli;

import java.io.IOException;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Counts the bytes of a response's body, and writes them to a file if there is one. Its calls follow each other. */
final class BodySink implements BodySubscriber<Long> {
    private final @Nullable Path path;
    private final CompletableFuture<Long> body = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;
    private @Nullable FileChannel file;
    private long bytes;

    private BodySink(@Nullable Path path) {
        this.path = path;
    }

    /** @param path null if the body is dropped */
    static BodyHandler<Long> handler(@Nullable Path path) {
        return head -> new BodySink(path);
    }

    /** The number of bytes. */
    @Override
    public CompletionStage<Long> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        try {
            if (path != null) {
                file = FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING);
            }
            given.request(Long.MAX_VALUE);
        } catch (IOException e) {
            cannotWrite(e);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> parts) {
        try {
            for (ByteBuffer part : parts) {
                bytes += part.remaining();
                while (file != null && part.hasRemaining()) {
                    file.write(part);
                }
            }
        } catch (IOException e) {
            cannotWrite(e);
        }
    }

    private void cannotWrite(IOException cause) {
        if (subscription != null) {
            subscription.cancel();
        }
        fail(new IOException("cannot write --output '" + path + "': " + cause, cause));
    }

    @Override
    public void onError(Throwable failure) {
        fail(failure);
    }

    private void fail(Throwable failure) {
        try {
            close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
        body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        try {
            close();
            body.complete(bytes);
        } catch (IOException e) {
            cannotWrite(e);
        }
    }

    private void close() throws IOException {
        FileChannel opened = file;
        file = null;
        if (opened != null) {
            opened.close();
        }
    }
}
