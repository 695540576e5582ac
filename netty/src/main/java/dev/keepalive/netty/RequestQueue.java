package dev.keepalive.netty;

import io.netty.handler.codec.DecoderResultProvider;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection that are sent and not answered yet, oldest first: each answer belongs to the first of
 * them. Event loop only, except where stated.
 *
 * @param <E> one request and its answer
 */
abstract class RequestQueue<Q, A, E extends Exchange<Q, A>> implements Session<Requests<Q, A>> {
    /**
     * What the program has said of a protocol.
     *
     * @param answers the type of the messages that are answers
     * @param timeout how long an answer may take, or null
     */
    record Options<A>(Class<A> answers, @Nullable Duration timeout, boolean hasGreeting) {}

    final ProtocolContext context;
    final Deque<E> sent = new ArrayDeque<>();
    final @Nullable CompletableFuture<A> greeting;
    private final Class<A> answers;
    private final @Nullable Duration timeout;
    private @Nullable Future<?> timer;
    private boolean closed;
    private @Nullable Throwable closeCause;

    RequestQueue(ProtocolContext context, Options<A> options) {
        this.context = context;
        this.answers = options.answers();
        this.timeout = options.timeout();
        this.greeting = options.hasGreeting() ? new CompletableFuture<>() : null;
    }

    /** This request is answered. It has been taken from the queue. */
    abstract void answered(E exchange, A answer);

    /** This request fails. It has been taken from the queue. */
    abstract void fail(E exchange, String message, boolean unsent, @Nullable Throwable cause);

    /** The greeting has come. */
    void greeted() {}

    /** Whether the greeting has come, or there is none. Safe from any thread. */
    final boolean isGreeted() {
        return greeting == null || greeting.isDone();
    }

    final boolean isClosed() {
        return closed || !context.channel().isActive();
    }

    /**
     * A request that was not written since the connection is closed: nothing was sent. Why it was closed may not have
     * been told yet ({@link #closed}); the request then fails with the others.
     */
    final void failClosed(E exchange) {
        ReferenceCountUtil.release(exchange.request);
        if (closed) {
            fail(exchange, "the connection is closed", true, closeCause);
        } else {
            exchange.flushesBefore = context.flushes();
            sent.add(exchange);
        }
    }

    /** The request is about to be written. */
    final void awaitAnswer(E exchange) {
        exchange.flushesBefore = context.flushes();
        sent.add(exchange);
        if (timeout != null) {
            exchange.sentAt = now();
            if (timer == null) {
                setTimer(timeout.toNanos());
            }
        }
    }

    @Override
    public final void received(Object message) {
        // Netty's decoders pass on what they could not decode.
        if (message instanceof DecoderResultProvider decoded
                && decoded.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            context.close(decoded.decoderResult().cause());
            return;
        }
        if (greeting != null && answers.isInstance(message) && greeting.complete(answers.cast(message))) {
            greeted();
            return;
        }
        E exchange = answers.isInstance(message) ? sent.poll() : null;
        if (exchange == null) {
            String what = answers.isInstance(message)
                    ? "an answer without a request"
                    : "a message of " + message.getClass() + " instead of " + answers.getName();
            ReferenceCountUtil.release(message);
            context.close(new IllegalStateException("the peer has sent " + what));
            return;
        }
        answered(exchange, answers.cast(message));
    }

    @Override
    public final void closed(@Nullable Throwable cause) {
        closed = true;
        closeCause = cause;
        if (timer != null) {
            timer.cancel(false);
        }
        if (greeting != null) {
            greeting.completeExceptionally(
                    new RequestException("the connection ended before the greeting", true, cause));
        }
        for (E next = sent.poll(); next != null; next = sent.poll()) {
            fail(next, "the connection ended before the answer", isUnsent(next), cause);
        }
    }

    final boolean isUnsent(E exchange) {
        return context.flushes() == exchange.flushesBefore;
    }

    static IllegalStateException leaseEnded() {
        return new IllegalStateException("the lease has ended: its connection must not be used any more");
    }

    // ---- the time limit

    private void setTimer(long nanos) {
        timer = context.channel().eventLoop().schedule(this::checkOldest, nanos, TimeUnit.NANOSECONDS);
    }

    private long now() {
        return context.channel().eventLoop().ticker().nanoTime();
    }

    private void checkOldest() {
        timer = null;
        E oldest = sent.peek();
        if (closed || oldest == null) {
            return;
        }
        Duration limit = Objects.requireNonNull(timeout);
        long left = limit.toNanos() - (now() - oldest.sentAt);
        if (left > 0) {
            setTimer(left);
        } else {
            context.close(new TimeoutException("no answer within the answerTimeout of " + limit));
        }
    }
}
