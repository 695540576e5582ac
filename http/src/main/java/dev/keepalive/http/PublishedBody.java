package dev.keepalive.http;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The body that a publisher publishes, for one attempt. It asks for one part after the other, and for the next one
 * while the last one is being sent. Safe from any thread; calls nobody while it holds its lock.
 *
 * <p>A publisher may block, so it is called on the executor, except those of the JDK whose bytes are in memory.
 */
final class PublishedBody implements RequestBody, Flow.Subscriber<ByteBuffer> {
    private final BodyPublisher publisher;
    private final long length;
    private final long leastBytes;
    /** Where the publisher is called, one call after the other. */
    private final Executor callPublisher;

    // Guarded by this.
    private @Nullable Sink sink;
    private Flow.@Nullable Subscription subscription;
    private @Nullable ByteBuffer next;
    private boolean wanted;
    /** Whether the event loop hands a part over: then it tells of the end after it. */
    private boolean writing;

    private boolean complete;
    private boolean over;
    private long bytes;

    /**
     * @param length of the body, or {@link RequestBody#UNKNOWN}
     * @param leastBytes how many bytes the publisher has published for an attempt before: a publisher that publishes
     *     less this time cannot publish its body again
     * @param executor where the publisher is called, if it may block
     */
    PublishedBody(BodyPublisher publisher, long length, long leastBytes, Executor executor) {
        this.publisher = publisher;
        this.length = length;
        this.leastBytes = leastBytes;
        this.callPublisher =
                isInMemory(publisher) ? Runnable::run : new SerialTasks(executor, () -> {}, trouble -> fail(trouble));
    }

    /** Whether it is one of those of the JDK that never block. Others that are not known go by the executor. */
    private static boolean isInMemory(BodyPublisher publisher) {
        return switch (publisher.getClass().getName()) {
            case "jdk.internal.net.http.RequestPublishers$ByteArrayPublisher",
                    "jdk.internal.net.http.RequestPublishers$StringPublisher",
                    "jdk.internal.net.http.RequestPublishers$EmptyPublisher" -> true;
            default -> false;
        };
    }

    /** How many bytes it has published until now. */
    synchronized long bytes() {
        return bytes;
    }

    // ---- for the connection

    @Override
    public long length() {
        return length;
    }

    @Override
    public void start(Sink to) {
        synchronized (this) {
            if (over) {
                return;
            }
            sink = to;
            wanted = true;
        }
        callPublisher.execute(this::subscribe);
    }

    private void subscribe() {
        try {
            publisher.subscribe(this);
        } catch (Throwable e) {
            fail(e);
        }
    }

    @Override
    public void more() {
        ByteBuffer part;
        Sink to;
        synchronized (this) {
            part = next;
            next = null;
            to = sink;
            wanted = part == null;
            writing = part != null;
        }
        if (part == null || to == null) {
            return;
        }
        to.write(part);
        boolean last;
        synchronized (this) {
            writing = false;
            last = complete && !over;
            over = over || last;
        }
        if (last) {
            to.end();
        } else {
            ask();
        }
    }

    @Override
    public void cancel() {
        Flow.Subscription to;
        synchronized (this) {
            to = over && complete ? null : subscription;
            over = true;
            next = null;
        }
        if (to != null) {
            callPublisher.execute(to::cancel);
        }
    }

    private void ask() {
        Flow.Subscription from;
        synchronized (this) {
            from = over || complete ? null : subscription;
        }
        if (from != null) {
            callPublisher.execute(() -> from.request(1));
        }
    }

    // ---- for the publisher

    @Override
    public void onSubscribe(Flow.Subscription from) {
        Objects.requireNonNull(from, "subscription");
        boolean unwanted;
        synchronized (this) {
            unwanted = over || subscription != null;
            if (!unwanted) {
                subscription = from;
            }
        }
        if (unwanted) {
            from.cancel();
        } else {
            from.request(1);
        }
    }

    @Override
    public void onNext(ByteBuffer part) {
        Objects.requireNonNull(part, "part");
        int size = part.remaining();
        boolean tooMany;
        boolean now;
        Sink to;
        synchronized (this) {
            if (over || complete) {
                return;
            }
            bytes += size;
            tooMany = length >= 0 && bytes > length;
            now = wanted && size > 0 && !tooMany;
            to = sink;
            if (now) {
                wanted = false;
            } else if (size > 0 && !tooMany) {
                next = part;
            }
        }
        if (tooMany) {
            fail(new IOException("Too many bytes in request body. Expected: " + length + ", got: " + bytes()));
        } else if (now && to != null) {
            to.write(part);
            ask();
        } else if (size == 0) {
            ask();
        }
    }

    @Override
    public void onError(Throwable failure) {
        fail(Objects.requireNonNull(failure, "failure"));
    }

    @Override
    public void onComplete() {
        Sink to;
        boolean tooFew;
        long count;
        synchronized (this) {
            if (over || complete) {
                return;
            }
            complete = true;
            count = bytes;
            tooFew = length >= 0 && count < length || count < leastBytes;
            to = sink;
            if (!tooFew && (next != null || writing)) {
                return;
            }
            over = !tooFew;
        }
        if (tooFew) {
            fail(new IOException(
                    length >= 0
                            ? "Too few bytes returned by the publisher. Expected: " + length + ", got: " + count
                            : "the publisher does not publish its body again: " + leastBytes
                                    + " bytes or more were sent before, and now " + count));
        } else if (to != null) {
            to.end();
        }
    }

    private void fail(Throwable failure) {
        Sink to;
        Flow.Subscription from;
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            next = null;
            to = sink;
            from = complete ? null : subscription;
            complete = true;
        }
        if (from != null) {
            // The publisher may have ended by itself; then this does nothing (Reactive Streams, rule 3.7).
            callPublisher.execute(from::cancel);
        }
        if (to != null) {
            to.fail(failure);
        }
    }
}
