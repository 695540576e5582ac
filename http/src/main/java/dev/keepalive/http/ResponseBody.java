package dev.keepalive.http;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The body of a response on its way to the subscriber: what has come is given out when it is asked for, as much as
 * there is at a time. Everything but the subscription's methods is called in the order of the call's tasks.
 */
final class ResponseBody implements Flow.Subscription {
    /** What the call does for the body. */
    interface Exchange {
        /** The subscriber has asked for more, or cancelled: {@link #deliver} is to be called. From any thread. */
        void signal();

        /** So many bytes are taken. */
        void consumed(int bytes);

        /** The subscriber has been told of the end of the body; with a failure if it is cut off. */
        void delivered(@Nullable Throwable failure);

        /** The subscriber does not want the rest. */
        void unwanted();

        /** The subscriber has thrown. */
        void subscriberFailed(Throwable failure);
    }

    private final BodySubscriber<?> subscriber;
    private final Exchange exchange;
    private final AtomicLong demand = new AtomicLong();
    private volatile boolean cancelled;
    private volatile boolean wrongDemand;

    private List<ByteBuffer> parts = new ArrayList<>();
    private int size;
    private boolean complete;
    private boolean over;
    private @Nullable Throwable failure;

    ResponseBody(BodySubscriber<?> subscriber, Exchange exchange) {
        this.subscriber = subscriber;
        this.exchange = exchange;
    }

    // ---- the subscription, from any thread

    @Override
    public void request(long parts) {
        if (parts <= 0) {
            wrongDemand = true;
        } else {
            demand.accumulateAndGet(parts, ResponseBody::sum);
        }
        exchange.signal();
    }

    private static long sum(long one, long other) {
        long sum = one + other;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    @Override
    public void cancel() {
        cancelled = true;
        exchange.signal();
    }

    // ---- in the order of the call's tasks

    void subscribe() {
        try {
            subscriber.onSubscribe(this);
        } catch (Throwable e) {
            fail(e);
        }
    }

    void add(ByteBuffer part) {
        if (!over) {
            parts.add(part.isReadOnly() ? part : part.asReadOnlyBuffer());
            size += part.remaining();
        }
    }

    /** The body is complete. */
    void complete() {
        complete = true;
    }

    /** The body is cut off; what has come is still given out before. */
    void fail(Throwable cause, boolean atOnce) {
        if (failure == null) {
            failure = cause;
        }
        if (atOnce) {
            parts.clear();
        }
    }

    /** Whether the subscriber is told no more. */
    boolean isOver() {
        return over;
    }

    /** Gives out what there is, as far as it is asked for. */
    void deliver() {
        while (!over) {
            if (cancelled) {
                over = true;
                parts.clear();
                exchange.unwanted();
            } else if (wrongDemand) {
                fail(new IllegalArgumentException("a demand that is not positive (Reactive Streams, rule 3.9)"));
            } else if (!parts.isEmpty()) {
                if (demand.get() == 0) {
                    return;
                }
                next();
            } else if (failure != null) {
                over = true;
                tellFailure(failure);
                exchange.delivered(failure);
            } else if (complete) {
                over = true;
                end();
            } else {
                return;
            }
        }
    }

    private void next() {
        if (demand.get() != Long.MAX_VALUE) {
            demand.decrementAndGet();
        }
        List<ByteBuffer> batch = Collections.unmodifiableList(parts);
        int taken = size;
        parts = new ArrayList<>();
        size = 0;
        // Before the subscriber works on it: meanwhile the peer sends more.
        exchange.consumed(taken);
        try {
            subscriber.onNext(batch);
        } catch (Throwable e) {
            fail(e);
        }
    }

    private void end() {
        try {
            subscriber.onComplete();
        } catch (Throwable e) {
            tellFailure(e);
            exchange.subscriberFailed(e);
            return;
        }
        exchange.delivered(null);
    }

    /** The subscriber has broken its contract: it gets no more, and the exchange ends. */
    private void fail(Throwable e) {
        over = true;
        parts.clear();
        tellFailure(e);
        exchange.subscriberFailed(e);
    }

    private void tellFailure(Throwable cause) {
        try {
            subscriber.onError(cause);
        } catch (Throwable e) {
            if (e != cause) {
                cause.addSuppressed(e);
            }
        }
    }
}
