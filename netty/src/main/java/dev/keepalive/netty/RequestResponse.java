package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import io.netty.channel.ChannelPipeline;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A protocol whose requests are answered one by one, in order: Redis, SMTP, memcached and many others. It takes any
 * codec of Netty. The holder of a lease gets {@link Requests}.
 *
 * <p>By default, a lease has its connection for itself. The connection is kept at release if every request has been
 * answered. If an answer is outstanding, the connection is closed, so that no other holder gets it. With
 * {@link #pipelined} several leases share a connection. In both cases, something from the peer that answers no request
 * ends the connection. Immutable; safe from any thread.
 *
 * @param <Q> the type of requests, as the codec takes them
 * @param <A> the type of answers, as the codec makes them
 */
public final class RequestResponse<Q, A> implements Protocol<Requests<Q, A>> {
    private static final long MAX_SECONDS = TimeUnit.NANOSECONDS.toSeconds(Long.MAX_VALUE);

    /** A depth that means: a lease has its connection for itself. */
    private static final int EXCLUSIVE = 0;

    private final RequestQueue.Options<A> options;
    private final Consumer<? super ChannelPipeline> codec;
    private final int depth;

    private RequestResponse(RequestQueue.Options<A> options, Consumer<? super ChannelPipeline> codec, int depth) {
        this.options = options;
        this.codec = codec;
        this.depth = depth;
    }

    /**
     * A protocol with this codec, and without a limit on the time that an answer takes.
     *
     * @param answers the type of the messages that the codec passes on; a message of another type ends the connection
     * @param codec adds the handlers of the codec, new ones for each connection; see {@link Protocol#install}
     */
    public static <Q, A> RequestResponse<Q, A> of(Class<A> answers, Consumer<? super ChannelPipeline> codec) {
        return new RequestResponse<>(
                new RequestQueue.Options<>(Objects.requireNonNull(answers, "answers"), null, false),
                Objects.requireNonNull(codec, "codec"),
                EXCLUSIVE);
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
        return with(new RequestQueue.Options<>(options.answers(), timeout, options.hasGreeting()));
    }

    /**
     * The same for a peer that speaks first, as in SMTP: its first message answers no request. The holder of each lease
     * can read it, and so can a {@linkplain dev.keepalive.ManagerBuilder#setup setup}. A connection is kept only if it
     * has come; one that is {@link #pipelined} is not leased before. Not for messages that are counted.
     */
    public RequestResponse<Q, A> withGreeting() {
        return with(new RequestQueue.Options<>(options.answers(), options.timeout(), true));
    }

    private RequestResponse<Q, A> with(RequestQueue.Options<A> changed) {
        return new RequestResponse<>(changed, codec, depth);
    }

    /**
     * The same, but up to {@code depth} leases share a connection: each sends without waiting for the answers to the
     * others, and gets its own answers, in order. For a peer that reads on while it works on earlier requests, as Redis
     * and memcached do. Then few connections, often one, carry the requests of many threads, and what is sent at the
     * same time travels together. In return, a slow request delays all answers behind it, and what ends the connection
     * fails the requests of all.
     *
     * <ul>
     *   <li>Leases are as short as ever: one for each request, or for some that belong together. Requests of other
     *       holders may come between them, so nothing that changes the state of the connection for the next request may
     *       be sent, such as Redis' {@code MULTI}, {@code WATCH}, {@code SUBSCRIBE}, or {@code SELECT}; do that in a
     *       {@linkplain dev.keepalive.ManagerBuilder#setup setup}, or use connections that are not shared.
     *   <li>A lease may end before its answers have come, in whatever way: its requests fail, the connection stays, and
     *       nobody else gets the answers. They are dropped when they come (and released, if they are counted). Only
     *       then does another lease take the place. If they do not come within 5 s, the connection gets no further
     *       leases; if they do not come within the {@link #withAnswerTimeout answerTimeout}, it is closed. Set one:
     *       without it, a peer that falls silent is not found.
     *   <li>The connection is closed if the peer sends anything while no answer is awaited, a part of a message
     *       included; so add the decoder and the encoder as two handlers ({@link Protocol#install}). A request that
     *       cannot be encoded fails alone.
     *   <li>When the connection ends, each open request fails once, and {@link RequestException#isUnsent} says whether
     *       it is safe to send it again.
     * </ul>
     *
     * @param depth how many leases have a connection at the same time. One of them may send several requests, which
     *     this does not limit
     * @throws IllegalArgumentException if it is less than 1
     */
    public RequestResponse<Q, A> pipelined(int depth) {
        if (depth < 1) {
            throw new IllegalArgumentException("pipelined " + depth + " is not allowed: at least 1 lease");
        }
        return new RequestResponse<>(options, codec, depth);
    }

    /** The depth of {@link #pipelined}, else 1. */
    @Override
    public int expectedLeases(Endpoint endpoint) {
        return Math.max(1, depth);
    }

    @Override
    public Session<Requests<Q, A>> install(ProtocolContext context) {
        if (depth == EXCLUSIVE) {
            codec.accept(context.pipeline());
            return new ExclusiveRequests<>(context, options);
        }
        PipelinedRequests<Q, A> requests = new PipelinedRequests<>(context, options, depth);
        requests.install(codec);
        return requests;
    }
}
