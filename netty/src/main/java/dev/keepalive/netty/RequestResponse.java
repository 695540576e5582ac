package dev.keepalive.netty;

import dev.keepalive.Lease;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderResultProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A protocol whose requests are answered one by one, in order: Redis, SMTP, memcached and many others. It takes any
 * codec of Netty. The holder of a lease gets {@link Requests}.
 *
 * <p>A connection is kept at release if every request has been answered. If an answer is outstanding, the connection is
 * closed, so that no other holder gets it. Something from the peer that answers no request ends the connection as well.
 * Immutable; safe from any thread.
 *
 * @param <Q> the type of requests, as the codec takes them
 * @param <A> the type of answers, as the codec makes them
 */
public final class RequestResponse<Q, A> implements Protocol<Requests<Q, A>> {
    private static final long MAX_SECONDS = TimeUnit.NANOSECONDS.toSeconds(Long.MAX_VALUE);

    private final Class<A> answers;
    private final Consumer<? super ChannelPipeline> codec;
    private final @Nullable Duration answerTimeout;
    private final boolean hasGreeting;

    private RequestResponse(
            Class<A> answers,
            Consumer<? super ChannelPipeline> codec,
            @Nullable Duration answerTimeout,
            boolean hasGreeting) {
        this.answers = answers;
        this.codec = codec;
        this.answerTimeout = answerTimeout;
        this.hasGreeting = hasGreeting;
    }

    /**
     * A protocol with this codec, and without a limit on the time that an answer takes.
     *
     * @param answers the type of the messages that the codec passes on; a message of another type ends the connection
     * @param codec adds the handlers of the codec, new ones for each connection; see {@link Protocol#install}
     */
    public static <Q, A> RequestResponse<Q, A> of(Class<A> answers, Consumer<? super ChannelPipeline> codec) {
        return new RequestResponse<>(
                Objects.requireNonNull(answers, "answers"), Objects.requireNonNull(codec, "codec"), null, false);
    }

    /**
     * The same with a limit on the time that an answer may take from its request on. When it is over, the connection is
     * closed, and all its requests fail.
     *
     * @throws IllegalArgumentException unless it is positive
     */
    public RequestResponse<Q, A> withAnswerTimeout(Duration timeout) {
        if (timeout.isNegative() || timeout.isZero() || timeout.toSeconds() >= MAX_SECONDS) {
            throw new IllegalArgumentException(
                    "answerTimeout " + timeout + " is not allowed: more than 0 and less than " + MAX_SECONDS + " s");
        }
        return new RequestResponse<>(answers, codec, timeout, hasGreeting);
    }

    /**
     * The same for a peer that speaks first, as in SMTP: its first message answers no request. The holder of each lease
     * can read it, and so can a {@linkplain dev.keepalive.ManagerBuilder#setup setup}. A connection is kept only if it
     * has come. Not for messages that are counted.
     */
    public RequestResponse<Q, A> withGreeting() {
        return new RequestResponse<>(answers, codec, answerTimeout, true);
    }

    @Override
    public Session<Requests<Q, A>> install(ProtocolContext context) {
        codec.accept(context.pipeline());
        return new Exchanges<>(context, answers, answerTimeout, hasGreeting ? new CompletableFuture<>() : null);
    }

    /** The requests of one connection that are not answered yet. Event loop only, except where stated. */
    private static final class Exchanges<Q, A> implements Session<Requests<Q, A>> {
        private static final VarHandle EXPECTED;

        static {
            try {
                EXPECTED = MethodHandles.lookup().findVarHandle(Exchanges.class, "expected", int.class);
            } catch (ReflectiveOperationException impossible) {
                throw new ExceptionInInitializerError(impossible);
            }
        }

        private final ProtocolContext context;
        private final Class<A> answers;
        private final @Nullable Duration timeout;
        private final Queue<Exchange<Q, A>> sent = new ArrayDeque<>();
        private final @Nullable CompletableFuture<A> greeting;
        private boolean closed;
        private @Nullable Future<?> timer;
        private @Nullable Throwable closeCause;

        /** How many answers are awaited, those of requests included that another thread is about to send. */
        private volatile int expected;

        Exchanges(
                ProtocolContext context,
                Class<A> answers,
                @Nullable Duration timeout,
                @Nullable CompletableFuture<A> greeting) {
            this.context = context;
            this.answers = answers;
            this.timeout = timeout;
            this.greeting = greeting;
        }

        @Override
        public Requests<Q, A> open(Lease<Requests<Q, A>> lease) {
            return new Sender<>(this, lease);
        }

        @Override
        public boolean isReusable() {
            return expected == 0 && (greeting == null || greeting.isDone());
        }

        /** Safe from any thread. */
        CompletableFuture<A> send(Exchange<Q, A> exchange) {
            EXPECTED.getAndAdd(this, 1);
            if (!context.execute(exchange.lease, exchange, exchange::leaseHasEnded)) {
                EXPECTED.getAndAdd(this, -1);
                ReferenceCountUtil.release(exchange.request);
                throw exchange.lease.isEnded()
                        ? leaseEnded()
                        : new IllegalStateException("the connection's event loop is shut down");
            }
            return exchange;
        }

        void write(Exchange<Q, A> exchange) {
            if (closed || !context.channel().isActive()) {
                exchange.fail("the connection is closed", true, closeCause);
                ReferenceCountUtil.release(exchange.request);
                return;
            }
            exchange.flushesBefore = context.flushes();
            sent.add(exchange);
            if (timeout != null) {
                startTimer(exchange, timeout.toNanos());
            }
            // A failure is told to the pipeline, which closes the connection.
            context.channel().writeAndFlush(exchange.request, context.channel().voidPromise());
        }

        @Override
        public void received(Object message) {
            // Netty's decoders pass on what they could not decode.
            if (message instanceof DecoderResultProvider decoded
                    && decoded.decoderResult().isFailure()) {
                ReferenceCountUtil.release(message);
                context.close(decoded.decoderResult().cause());
                return;
            }
            if (greeting != null && answers.isInstance(message) && greeting.complete(answers.cast(message))) {
                return;
            }
            Exchange<Q, A> exchange = answers.isInstance(message) ? sent.poll() : null;
            if (exchange == null) {
                String what = answers.isInstance(message)
                        ? "an answer without a request"
                        : "a message of " + message.getClass() + " instead of " + answers.getName();
                ReferenceCountUtil.release(message);
                context.close(new IllegalStateException("the peer has sent " + what));
                return;
            }
            EXPECTED.getAndAdd(this, -1);
            if (!exchange.complete(answers.cast(message))) {
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void closed(@Nullable Throwable cause) {
            closed = true;
            closeCause = cause;
            if (timer != null) {
                timer.cancel(false);
            }
            if (greeting != null) {
                greeting.completeExceptionally(
                        new RequestException("the connection ended before the greeting", true, cause));
            }
            for (Exchange<Q, A> next = sent.poll(); next != null; next = sent.poll()) {
                next.fail("the connection ended before the answer", context.flushes() == next.flushesBefore, cause);
            }
        }

        // ---- the time limit

        private void startTimer(Exchange<Q, A> exchange, long nanos) {
            exchange.sentAt = now();
            if (timer == null) {
                setTimer(nanos);
            }
        }

        private void setTimer(long nanos) {
            timer = context.channel().eventLoop().schedule(this::checkOldest, nanos, TimeUnit.NANOSECONDS);
        }

        private long now() {
            return context.channel().eventLoop().ticker().nanoTime();
        }

        private void checkOldest() {
            timer = null;
            Exchange<Q, A> oldest = sent.peek();
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

        static IllegalStateException leaseEnded() {
            return new IllegalStateException("the lease has ended: its connection must not be used any more");
        }
    }

    /** What the holder of one lease has. */
    private static final class Sender<Q, A> implements Requests<Q, A> {
        private final Exchanges<Q, A> exchanges;
        private final Lease<?> lease;

        Sender(Exchanges<Q, A> exchanges, Lease<?> lease) {
            this.exchanges = exchanges;
            this.lease = lease;
        }

        @Override
        public CompletableFuture<A> send(Q request) {
            return exchanges.send(new Exchange<>(exchanges, lease, Objects.requireNonNull(request, "request")));
        }

        @Override
        public CompletableFuture<A> greeting() {
            CompletableFuture<A> greeting = exchanges.greeting;
            if (greeting == null) {
                throw new IllegalStateException("the protocol has no greeting: use RequestResponse.withGreeting()");
            }
            return greeting.copy();
        }

        @Override
        public A call(Q request) throws RequestException, InterruptedException {
            for (EventExecutor loop : exchanges.context.channel().eventLoop().parent()) {
                if (loop.inEventLoop()) {
                    throw new IllegalStateException(
                            "waiting on an event loop, which may be the one that brings the answer");
                }
            }
            try {
                return send(request).get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RequestException failed) {
                    throw failed.again();
                }
                throw new IllegalStateException("an answer failed otherwise than expected", e.getCause());
            }
        }
    }

    /** One request and its answer. It refers to the lease, which is reachable while the answer is awaited. */
    private static final class Exchange<Q, A> extends CompletableFuture<A> implements Runnable {
        final Lease<?> lease;
        final Q request;
        private final Exchanges<Q, A> exchanges;
        long flushesBefore;
        long sentAt;

        Exchange(Exchanges<Q, A> exchanges, Lease<?> lease, Q request) {
            this.exchanges = exchanges;
            this.lease = lease;
            this.request = request;
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new CompletableFuture<>();
        }

        /** Sends the request. */
        @Override
        public void run() {
            exchanges.write(this);
        }

        void leaseHasEnded() {
            ReferenceCountUtil.release(request);
            fail("the lease had ended", true, null);
        }

        void fail(String message, boolean unsent, @Nullable Throwable cause) {
            Exchanges.EXPECTED.getAndAdd(exchanges, -1);
            completeExceptionally(new RequestException(message, unsent, cause));
        }
    }
}
