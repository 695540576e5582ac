package dev.keepalive.netty;

import dev.keepalive.Lease;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a connection that several leases share: all that were submitted while the event loop did something
 * else are written and flushed together. The place of a lease that has ended is free when all its answers have come;
 * they are dropped. Event loop only, except where stated.
 */
final class PipelinedRequests<Q, A> extends RequestQueue<Q, A, PipelinedRequests.Pipelined<Q, A>>
        implements SharedSession<Requests<Q, A>> {
    private static final VarHandle UNWRITTEN;

    static {
        try {
            UNWRITTEN = MethodHandles.lookup().findVarHandle(PipelinedRequests.class, "unwritten", Pipelined.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final int depth;
    private final AnswerGuard guard;
    private final Runnable writeAll = this::writeAll;
    private final ChannelFutureListener closeIfFailed = this::closeIfFailed;

    /** What each lease awaits that has a handle and has not ended. Any thread. It leads to no lease. */
    private final Map<Long, Awaited> leases = new ConcurrentHashMap<>();

    /** What was submitted and not written yet, latest first. Whoever puts the first one there wakes the event loop. */
    private volatile @Nullable Pipelined<Q, A> unwritten;

    /** A hint that the event loop will look at what is unwritten. */
    private volatile boolean woken;

    PipelinedRequests(ProtocolContext context, Options<A> options, int depth) {
        super(context, options);
        this.depth = depth;
        this.guard = new AnswerGuard(context, () -> !sent.isEmpty() || !isGreeted());
    }

    /** Installs the codec. With a greeting, the dial is complete when it has come. */
    void install(Consumer<? super ChannelPipeline> codec) {
        ChannelPipeline pipeline = context.pipeline();
        pipeline.addLast(guard);
        codec.accept(pipeline);
        guard.watch(pipeline);
        context.share(isGreeted() ? depth : 0);
    }

    @Override
    void greeted() {
        context.capacity(depth);
    }

    // ---- leases, on any thread

    @Override
    public Requests<Q, A> open(Lease<Requests<Q, A>> lease, long number) {
        Awaited fresh = new Awaited();
        Awaited known = leases.putIfAbsent(number, fresh);
        // The end of the lease finds it in the map, or this finds the end.
        if (known == null && lease.isEnded()) {
            leases.remove(number);
            fresh.end();
        }
        return new Holder<>(this, lease, number, known == null ? fresh : known);
    }

    @Override
    public boolean ended(long number) {
        Awaited awaited = leases.remove(number);
        if (awaited == null || awaited.end() == 0) {
            // Not by the result: tasks of other leases are none of this one's.
            context.freePlace(number);
        } else {
            try {
                context.channel().eventLoop().execute(() -> abandon(awaited));
            } catch (RejectedExecutionException shutDown) {
                // The connection ends, which fails them.
                return false;
            }
        }
        return false;
    }

    /** The holder is told at once, though the answers are still to come. */
    private void abandon(Awaited awaited) {
        List<Pipelined<Q, A>> abandoned =
                sent.stream().filter(each -> each.holder.awaited == awaited).toList();
        abandoned.forEach(this::abandon);
    }

    private void abandon(Pipelined<Q, A> exchange) {
        if (!exchange.isDone()) {
            exchange.completeExceptionally(
                    new RequestException("the lease ended before the answer", isUnsent(exchange), null));
        }
    }

    private CompletableFuture<A> send(Pipelined<Q, A> exchange) {
        if (exchange.lease.isEnded() || !exchange.holder.awaited.begin()) {
            ReferenceCountUtil.release(exchange.request);
            throw leaseEnded();
        }
        Pipelined<Q, A> before;
        do {
            before = unwritten;
            exchange.next = before;
        } while (!UNWRITTEN.compareAndSet(this, before, exchange));
        if (before == null) {
            woken = false;
        }
        // Not only by the first one: a stack overflow may have come between, and must cost none but its caller.
        if (!woken) {
            wake();
        }
        return exchange;
    }

    private void wake() {
        try {
            context.channel().eventLoop().execute(writeAll);
            woken = true;
        } catch (RejectedExecutionException shutDown) {
            failAll(takeUnwritten(), "the connection's event loop is shut down", null);
        }
    }

    /** Fails what was not written, this one and those that follow it. */
    private void failAll(@Nullable Pipelined<Q, A> first, String message, @Nullable Throwable cause) {
        for (Pipelined<Q, A> each = first; each != null; each = each.takeNext()) {
            ReferenceCountUtil.release(each.request);
            fail(each, message, true, cause);
        }
    }

    /** Takes all that was submitted. @return the oldest; the others follow it */
    @SuppressWarnings("unchecked") // only such are stored
    private @Nullable Pipelined<Q, A> takeUnwritten() {
        Pipelined<Q, A> oldest = null;
        Pipelined<Q, A> each = (Pipelined<Q, A>) UNWRITTEN.getAndSet(this, (Pipelined<Q, A>) null);
        while (each != null) {
            Pipelined<Q, A> next = each.next;
            each.next = oldest;
            oldest = each;
            each = next;
        }
        return oldest;
    }

    // ---- requests

    private void writeAll() {
        woken = false;
        boolean written = false;
        Pipelined<Q, A> each = takeUnwritten();
        try {
            for (; each != null; each = each.takeNext()) {
                written |= writeOrFail(each);
            }
        } catch (Throwable thrown) {
            // For example for want of memory. What was written fails with the connection.
            context.close(thrown);
            failAll(each != null && sent.contains(each) ? each.takeNext() : each, "it was not written", thrown);
        }
        if (written) {
            context.channel().flush();
        }
    }

    /** @return whether it was written */
    private boolean writeOrFail(Pipelined<Q, A> exchange) {
        if (isClosed()) {
            failClosed(exchange);
        } else if (exchange.lease.isEnded()) {
            ReferenceCountUtil.release(exchange.request);
            fail(exchange, "the lease had ended", true, null);
        } else {
            write(exchange);
            return true;
        }
        return false;
    }

    private void write(Pipelined<Q, A> exchange) {
        awaitAnswer(exchange);
        long before = guard.writes();
        ChannelFuture written = context.channel().write(exchange.request);
        if (!written.isDone()) {
            written.addListener(closeIfFailed);
        } else if (written.isSuccess()) {
            return;
        } else if (guard.writes() == before && sent.peekLast() == exchange) {
            // Nothing of it went out: it is the fault of this request alone.
            sent.pollLast();
            fail(exchange, "the request could not be encoded", true, written.cause());
        } else {
            context.close(written.cause());
        }
    }

    private void closeIfFailed(ChannelFuture written) {
        if (!written.isSuccess()) {
            context.close(written.cause());
        }
    }

    @Override
    void answered(Pipelined<Q, A> exchange, A answer) {
        // First: a release within the callback then finds nothing outstanding.
        Awaited awaited = exchange.holder.awaited;
        boolean last = awaited.done();
        if (awaited.hasEnded() || !exchange.complete(answer)) {
            ReferenceCountUtil.release(answer);
            abandon(exchange);
        }
        freePlaceIf(last, exchange);
    }

    @Override
    void fail(Pipelined<Q, A> exchange, String message, boolean unsent, @Nullable Throwable cause) {
        boolean last = exchange.holder.awaited.done();
        exchange.completeExceptionally(new RequestException(message, unsent, cause));
        freePlaceIf(last, exchange);
    }

    private void freePlaceIf(boolean free, Pipelined<Q, A> exchange) {
        if (free) {
            context.freePlace(exchange.holder.number);
        }
    }

    /** How many answers a lease awaits, and whether it has ended. Safe from any thread. */
    private static final class Awaited extends AtomicInteger {
        private static final long serialVersionUID = 1;
        private static final int ENDED = Integer.MIN_VALUE;

        /** @return false if the lease has ended */
        boolean begin() {
            for (int now = get(); now >= 0; now = get()) {
                if (compareAndSet(now, now + 1)) {
                    return true;
                }
            }
            return false;
        }

        /** An answer has come, or will not. @return whether the lease has ended and awaits no other one */
        boolean done() {
            return decrementAndGet() == ENDED;
        }

        boolean hasEnded() {
            return get() < 0;
        }

        /** The lease has ended. @return how many are awaited */
        int end() {
            return getAndUpdate(now -> now | ENDED) & ~ENDED;
        }
    }

    /** What the holder of one lease has. */
    private static final class Holder<Q, A> extends LeasedRequests<Q, A> {
        private final PipelinedRequests<Q, A> requests;
        final long number;
        final Awaited awaited;

        Holder(PipelinedRequests<Q, A> requests, Lease<?> lease, long number, Awaited awaited) {
            super(lease);
            this.requests = requests;
            this.number = number;
            this.awaited = awaited;
        }

        @Override
        RequestQueue<Q, A, ?> queue() {
            return requests;
        }

        @Override
        public CompletableFuture<A> send(Q request) {
            return requests.send(new Pipelined<>(this, Objects.requireNonNull(request, "request")));
        }
    }

    /** One request and its answer. */
    static final class Pipelined<Q, A> extends Exchange<Q, A> {
        final Holder<Q, A> holder;
        private @Nullable Pipelined<Q, A> next;

        Pipelined(Holder<Q, A> holder, Q request) {
            super(holder.lease, request);
            this.holder = holder;
        }

        /** The next one. This one does not lead to it any more. */
        @Nullable
        Pipelined<Q, A> takeNext() {
            Pipelined<Q, A> following = next;
            next = null;
            return following;
        }
    }
}
