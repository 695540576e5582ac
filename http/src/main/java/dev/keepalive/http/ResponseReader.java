package dev.keepalive.http;

import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Reads the final response of a call with the program's subscriber, and asks the subscriber for what it has made of the
 * body. In the order of the call's tasks.
 *
 * <p>{@link BodySubscriber#getBody} may block until the body is there. So it is called in the order of the tasks only
 * after the subscriber was told the end of the body; else beside that order. It is asked in any case: a subscriber
 * whose body is there from the beginning, like a stream, has it even if the body is cut off, and tells that to its
 * reader.
 */
final class ResponseReader<T> implements ResponseBody.Exchange {
    private static final Runnable NOT_YET = () -> {};

    /** What it tells its call, and where its tasks run. */
    interface Events<T> {
        SerialTasks tasks();

        void consumed(int bytes);

        /** The subscriber does not want the rest. */
        void unwanted();

        /** The subscriber has broken its contract: it gets no more. */
        void subscriberFailed(Throwable failure);

        /** The subscriber is going to be asked for its body, which may block this thread. */
        void mayBlock();

        void body(T body);

        /** The subscriber has no body. */
        void failed(Throwable failure);
    }

    private final BodySubscriber<T> subscriber;
    private final Events<T> events;
    private final ResponseBody body;
    private final boolean endsWithTheBody;
    private boolean asked;

    /** Whether the subscriber is being asked beside the order of the tasks. */
    private boolean asking;

    /** What the subscriber was told; null if the body was not cut off. */
    private @Nullable Throwable cutOff;

    private ResponseReader(BodySubscriber<T> subscriber, Events<T> events) {
        this.subscriber = subscriber;
        this.events = events;
        this.body = new ResponseBody(subscriber, this);
        this.endsWithTheBody = endsWithTheBody(subscriber);
    }

    /** Whether it is one of those of the JDK that have no body before the end: to ask before would be of no use. */
    private static boolean endsWithTheBody(BodySubscriber<?> subscriber) {
        return switch (subscriber.getClass().getName()) {
            case "jdk.internal.net.http.ResponseSubscribers$ByteArraySubscriber",
                    "jdk.internal.net.http.ResponseSubscribers$NullSubscriber",
                    "jdk.internal.net.http.ResponseSubscribers$PathSubscriber" -> true;
            default -> false;
        };
    }

    /** Asks the handler for a subscriber, and subscribes it. What the handler throws is passed on. */
    static <T> ResponseReader<T> of(BodyHandler<T> handler, ResponseHead head, Events<T> events) {
        BodySubscriber<T> subscriber =
                Objects.requireNonNull(handler.apply(head), "the BodyHandler returned null, and not a BodySubscriber");
        ResponseReader<T> reader = new ResponseReader<>(subscriber, events);
        reader.body.subscribe();
        return reader;
    }

    void add(ByteBuffer part) {
        body.add(part);
    }

    void complete() {
        body.complete();
    }

    /** The body is cut off. */
    void cutOff(Throwable cause) {
        body.fail(cause, false);
    }

    /** The call ends. */
    void abort(Throwable cause) {
        body.fail(cause, true);
        asked = true;
    }

    boolean isOver() {
        return body.isOver();
    }

    void deliver() {
        body.deliver();
        if (asked || endsWithTheBody && !body.isOver()) {
            return;
        }
        asked = true;
        if (body.isOver()) {
            askForBody(Runnable::run);
        } else {
            asking = true;
            events.tasks().afterwards(() -> {
                events.mayBlock();
                askForBody(events.tasks()::runHere);
            });
        }
    }

    /** @param inOrder runs a task in the order of the tasks, on this thread if possible */
    private void askForBody(Executor inOrder) {
        AtomicReference<@Nullable Runnable> outcome = new AtomicReference<>();
        try {
            CompletionStage<T> stage =
                    Objects.requireNonNull(subscriber.getBody(), "the BodySubscriber's getBody returned null");
            stage.whenComplete((value, failure) -> {
                Runnable known = () -> ended(value, failure);
                if (!outcome.compareAndSet(null, known)) {
                    events.tasks().execute(known);
                }
            });
        } catch (Throwable e) {
            inOrder.execute(() -> events.failed(e));
            return;
        }
        Runnable atOnce = outcome.compareAndExchange(null, NOT_YET);
        inOrder.execute(atOnce == null ? this::askedInVain : atOnce);
    }

    private void ended(T value, @Nullable Throwable failure) {
        if (failure == null) {
            events.body(value);
        } else {
            Throwable cause = failure.getCause();
            events.failed(failure instanceof CompletionException && cause != null ? cause : failure);
        }
    }

    /** The subscriber does not have its body yet. */
    private void askedInVain() {
        asking = false;
        if (cutOff != null) {
            fail(cutOff);
        }
    }

    /** Fails, unless the subscriber has just made a body of what there is: it was told before. */
    private void fail(Throwable cause) {
        events.tasks().execute(() -> events.failed(cause));
    }

    // ---- what the body tells

    @Override
    public void signal() {
        events.tasks().signal();
    }

    @Override
    public void consumed(int bytes) {
        events.consumed(bytes);
    }

    @Override
    public void delivered(@Nullable Throwable failure) {
        cutOff = failure;
        if (failure != null && asked && !asking) {
            fail(failure);
        }
    }

    @Override
    public void unwanted() {
        events.unwanted();
    }

    @Override
    public void subscriberFailed(Throwable failure) {
        events.subscriberFailed(failure);
        delivered(failure);
    }
}
