package dev.keepalive;

import dev.keepalive.internal.DefaultConnectionManager;
import dev.keepalive.internal.ManagerOptions;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.TimeSource;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The options of a {@link ConnectionManager}. All are optional. Each setter checks its value at once: an
 * {@link IllegalArgumentException} names the option, the value and what is allowed, a {@link NullPointerException} the
 * option that was null. Not safe for several threads.
 *
 * @param <C> the type of connection
 */
public final class ManagerBuilder<C> {
    private final Connector<C> connector;
    private String name = "keepalive";
    private int maxOpen = 128;
    private int maxOpenPerEndpoint = 4;
    private Duration acquireTimeout = Duration.ofSeconds(120);
    private Duration dialTimeout = Duration.ofSeconds(30);
    private Duration idleTimeout = Duration.ofSeconds(15);
    private int maxWaitingPerEndpoint = Integer.MAX_VALUE;
    private int maxDialsPerEndpoint = Integer.MAX_VALUE;
    private Duration firstBackOff = Duration.ofMillis(100);
    private Duration longestBackOff = Duration.ofSeconds(5);
    private int acquireSitesOneIn;

    private @Nullable BiFunction<? super C, ? super Endpoint, ? extends CompletionStage<?>> setup;
    private @Nullable Duration maxLifetime;
    private @Nullable Duration leakDetectionThreshold;
    private @Nullable Budget budget;
    private @Nullable OutputStream recordHistory;
    private @Nullable Executor callbackExecutor;

    private ConnectionListener listener = ConnectionListener.NONE;
    private TimeSource time = TimeSource.system();

    ManagerBuilder(Connector<C> connector) {
        this.connector = Objects.requireNonNull(connector, "connector");
    }

    /** The manager's name in messages and thread names. Default: {@code keepalive}. */
    public ManagerBuilder<C> name(String name) {
        this.name = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * Most connections open at once over all endpoints, from the decision to open one until it is gone; at least 1.
     * Default: 128. The seed's {@code max_open}.
     */
    public ManagerBuilder<C> maxOpen(int maxOpen) {
        this.maxOpen = OptionChecks.positive("maxOpen", maxOpen);
        return this;
    }

    /**
     * Most connections open at once to one endpoint; at least 1. If it is greater than {@link #maxOpen}, the smaller
     * rules. Default: 4. The seed's {@code max_per_host}.
     */
    public ManagerBuilder<C> maxOpenPerEndpoint(int maxOpenPerEndpoint) {
        this.maxOpenPerEndpoint = OptionChecks.positive("maxOpenPerEndpoint", maxOpenPerEndpoint);
        return this;
    }

    /**
     * How long an acquire may take that has no timeout of its own: from the call until the lease, everything included;
     * more than zero. Default: 120 s. The seed's {@code timeout}.
     */
    public ManagerBuilder<C> acquireTimeout(Duration acquireTimeout) {
        this.acquireTimeout = OptionChecks.positive("acquireTimeout", acquireTimeout);
        return this;
    }

    /**
     * How long one dial may take, lookup, connecting, TLS and {@link #setup} included; more than zero. A dial serves
     * the endpoint, not one acquire: when the acquire that caused it gives up, it goes on, and its connection serves
     * the next or goes idle. Default: 30 s.
     */
    public ManagerBuilder<C> dialTimeout(Duration dialTimeout) {
        this.dialTimeout = OptionChecks.positive("dialTimeout", dialTimeout);
        return this;
    }

    /**
     * What makes a new connection ready before it is leased or kept for the first time: a login, a choice of database,
     * STARTTLS. Called once for each connection, as the last step of its dial ({@link Phase#SETUP}) and within
     * {@link #dialTimeout}, on the executor given as {@link #callbackExecutor}, with the connection and its endpoint.
     * The connection is ready when the stage completes normally, at a message boundary as with {@link Lease#release};
     * it stops working for the set-up then. If the stage fails, or the function throws or returns null, or the peer
     * closes, the dial has failed with that. When a dial takes too long or is not wanted any more, the stage is
     * cancelled, if it is a {@link java.util.concurrent.Future}, and the connection closed. Default: nothing is to be
     * done.
     */
    public ManagerBuilder<C> setup(BiFunction<? super C, ? super Endpoint, ? extends CompletionStage<?>> setup) {
        this.setup = Objects.requireNonNull(setup, "setup");
        return this;
    }

    /**
     * How long an idle connection is kept; more than zero. It may be closed before, by a second or an eighth of this,
     * whichever is less, and is never kept for longer. Default: 15 s. The seed's {@code keep_alive}.
     */
    public ManagerBuilder<C> idleTimeout(Duration idleTimeout) {
        this.idleTimeout = OptionChecks.positive("idleTimeout", idleTimeout);
        return this;
    }

    /**
     * Most acquires that wait for one endpoint without a connection being opened for them; at least 1. One more is
     * refused at once with {@link AcquireException.QueueFull}; those who wait already keep their places. Default: no
     * bound.
     */
    public ManagerBuilder<C> maxWaitingPerEndpoint(int maxWaiting) {
        this.maxWaitingPerEndpoint = OptionChecks.positive("maxWaitingPerEndpoint", maxWaiting);
        return this;
    }

    /**
     * Most connections being opened to one endpoint at the same time; at least 1. Default: as many as
     * {@link #maxOpenPerEndpoint}.
     */
    public ManagerBuilder<C> maxDialsPerEndpoint(int maxDialling) {
        this.maxDialsPerEndpoint = OptionChecks.positive("maxDialsPerEndpoint", maxDialling);
        return this;
    }

    /**
     * How long a connection is kept at all; more than zero. An idle one is closed at its time, a leased one when it is
     * released. So that what was opened together does not end together, each gets a time of its own between three
     * quarters and all of this. Default: for ever.
     */
    public ManagerBuilder<C> maxLifetime(Duration maxLifetime) {
        this.maxLifetime = OptionChecks.positive("maxLifetime", maxLifetime);
        return this;
    }

    /**
     * For how long an endpoint is paused when its dials fail. After the first failed dial the next begins at once. From
     * the second in a row the endpoint is paused: at first for {@code first}, each time for twice as long, at most for
     * {@code longest}, each shortened by up to a half so that many clients do not come back together; then it is tried
     * with one dial at a time until one succeeds. While it is paused and has no connection open, acquires fail at once
     * with what the last dial failed with.
     *
     * <p>Default: 100 ms, and 5 s.
     *
     * @param first more than zero
     * @param longest at least as long as {@code first}
     */
    public ManagerBuilder<C> dialBackOff(Duration first, Duration longest) {
        OptionChecks.positive("dialBackOff first", first);
        OptionChecks.positive("dialBackOff longest", longest);
        if (longest.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "dialBackOff longest " + longest + " is not allowed: at least first, " + first);
        }
        this.firstBackOff = first;
        this.longestBackOff = longest;
        return this;
    }

    /** A budget that this manager shares with others: each connection needs a permit of it too. Default: none. */
    public ManagerBuilder<C> budget(Budget budget) {
        this.budget = Objects.requireNonNull(budget, "budget");
        return this;
    }

    /**
     * Of how many acquires one remembers where it was made, so that a report about its lease can name the place: 1 for
     * all of them, 0 for none. A place costs some microseconds. Default: 0.
     */
    public ManagerBuilder<C> sampleAcquireSites(int oneIn) {
        if (oneIn < 0) {
            throw new IllegalArgumentException(
                    "sampleAcquireSites " + oneIn + " is not allowed: 0 for none, or one in so many");
        }
        this.acquireSitesOneIn = oneIn;
        return this;
    }

    /**
     * How long a lease may be held before it is reported to the listener and in the log, once; more than zero. Default:
     * for ever.
     */
    public ManagerBuilder<C> leakDetectionThreshold(Duration reportLeasesHeldFor) {
        this.leakDetectionThreshold = OptionChecks.positive("leakDetectionThreshold", reportLeasesHeldFor);
        return this;
    }

    /**
     * The executor that runs what may be foreign: each answer that was not there at once, each call into the connector,
     * and the listener, each as a task of its own. The manager does not shut it down. A task that blocks takes one of
     * its threads for as long. If it runs tasks within {@code execute}, they run on the thread of whoever releases; so
     * it should not.
     *
     * <p>Default: daemon threads of the manager's own, made as needed: as many as {@link #maxOpen} and 256 more.
     */
    public ManagerBuilder<C> callbackExecutor(Executor callbacks) {
        this.callbackExecutor = Objects.requireNonNull(callbacks, "callbacks");
        return this;
    }

    /**
     * Where to write down, from the beginning, what the manager decides on and what it decides: acquires that found no
     * idle connection, the releases that it hears of, dials, timeouts and so on, some ten bytes each. The history can
     * be replayed with the test kit, event by event, with the same effects. An acquire that takes an idle connection at
     * once, and its release, are decided on the connection itself; they are not recorded one by one. The history
     * contains the endpoints' names, and nothing that is sent or received. Written to at least every second while
     * anything is leased, on the executor given as {@link #callbackExecutor}, by one thread at a time. A stream that
     * throws, or falls behind by some megabytes, ends the recording and nothing else; the manager does not close it.
     * Default: nowhere.
     */
    public ManagerBuilder<C> recordHistory(OutputStream stream) {
        this.recordHistory = Objects.requireNonNull(stream, "record");
        return this;
    }

    /** Who is told what happens. Default: nobody; what goes wrong is logged as well. */
    public ManagerBuilder<C> listener(ConnectionListener listener) {
        this.listener = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /** The clock and the alarm. Default: {@link TimeSource#system}. */
    public ManagerBuilder<C> time(TimeSource time) {
        this.time = Objects.requireNonNull(time, "time");
        return this;
    }

    /** The limits and times, in words. */
    @Override
    public String toString() {
        ManagerOptions<C> options = options();
        return options.describe(options.limits());
    }

    private ManagerOptions<C> options() {
        return new ManagerOptions<>(
                connector,
                name,
                new Limits(maxOpen, maxOpenPerEndpoint, maxWaitingPerEndpoint, maxDialsPerEndpoint),
                acquireTimeout,
                dialTimeout,
                idleTimeout,
                maxLifetime,
                firstBackOff,
                longestBackOff,
                acquireSitesOneIn,
                leakDetectionThreshold,
                setup,
                budget == null ? null : budget.shared(),
                recordHistory,
                callbackExecutor,
                listener,
                time);
    }

    /**
     * Builds the manager, with the options as they are now: what is set afterwards changes nothing of it. It opens
     * nothing until it is asked to.
     *
     * @throws IllegalStateException if the connector belongs to another manager already
     */
    public ConnectionManager<C> build() {
        connector.claim();
        return new DefaultConnectionManager<>(options());
    }
}
