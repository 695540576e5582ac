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
 * The options of a {@link ConnectionManager}. All are optional. Each setter checks its value at once. It throws an
 * {@link IllegalArgumentException} that names the option, the value and what is allowed, or a
 * {@link NullPointerException} that names the option. Not safe for use by several threads.
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
    private boolean retryDials;
    private int maxUnprovenPercent = 50;
    private int acquireSitesOneIn;

    private @Nullable BiFunction<? super C, ? super Endpoint, ? extends CompletionStage<?>> setup;
    private @Nullable Duration maxLifetime;
    private @Nullable Duration lingerTimeout;
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
     * The limit on connections to all endpoints together, each counted from the decision to open it until it is gone;
     * at least 1. Default: 128.
     */
    public ManagerBuilder<C> maxOpen(int maxOpen) {
        this.maxOpen = OptionChecks.positive("maxOpen", maxOpen);
        return this;
    }

    /**
     * The limit on connections to each endpoint, each counted from the decision to open it until it is gone; at least
     * 1. If it is greater than {@link #maxOpen}, that limit holds. Default: 4.
     */
    public ManagerBuilder<C> maxOpenPerEndpoint(int maxOpenPerEndpoint) {
        this.maxOpenPerEndpoint = OptionChecks.positive("maxOpenPerEndpoint", maxOpenPerEndpoint);
        return this;
    }

    /**
     * The timeout of each acquire that has no timeout of its own, from the call until the lease, all phases included;
     * more than zero. Default: 120 s.
     */
    public ManagerBuilder<C> acquireTimeout(Duration acquireTimeout) {
        this.acquireTimeout = OptionChecks.positive("acquireTimeout", acquireTimeout);
        return this;
    }

    /**
     * The timeout of each dial: lookup, connecting, TLS and {@link #setup} included; more than zero. A dial belongs to
     * the endpoint, not to one acquire. If the acquire that caused it ends, the dial goes on, and its connection serves
     * the next acquire or becomes idle. Default: 30 s.
     */
    public ManagerBuilder<C> dialTimeout(Duration dialTimeout) {
        this.dialTimeout = OptionChecks.positive("dialTimeout", dialTimeout);
        return this;
    }

    /**
     * Prepares each new connection before it is leased or kept for the first time, for example by a login, the choice
     * of a database, or STARTTLS. The function is called once for each connection, with the connection and its
     * endpoint, as the last step of the dial ({@link Phase#SETUP}) and within {@link #dialTimeout}. It runs on the
     * executor given as {@link #callbackExecutor}.
     *
     * <p>The connection is ready when the stage completes normally; it must be at a message boundary then, as with
     * {@link Lease#release}. From then on, the setup's handle of it no longer works. If the stage fails, the function
     * throws or returns null, or the peer closes the connection, the dial has failed with that cause. If the dial takes
     * too long or is no longer wanted, the stage is cancelled, if it is a {@link java.util.concurrent.Future}, and the
     * connection is closed. Default: no setup.
     */
    public ManagerBuilder<C> setup(BiFunction<? super C, ? super Endpoint, ? extends CompletionStage<?>> setup) {
        this.setup = Objects.requireNonNull(setup, "setup");
        return this;
    }

    /**
     * How long a connection may be idle; more than zero. The manager may close it earlier, by at most one second or an
     * eighth of this time, whichever is less. It closes it later only if its alarm is late: then as soon as the alarm
     * goes off. Default: 15 s.
     */
    public ManagerBuilder<C> idleTimeout(Duration idleTimeout) {
        this.idleTimeout = OptionChecks.positive("idleTimeout", idleTimeout);
        return this;
    }

    /**
     * The limit, for each endpoint, on waiting acquires for which no connection is being opened or reset; at least 1.
     * One more acquire is refused at once with {@link AcquireException.QueueFull}. Acquires that wait already are not
     * affected. Default: no limit.
     */
    public ManagerBuilder<C> maxWaitingPerEndpoint(int maxWaitingPerEndpoint) {
        this.maxWaitingPerEndpoint = OptionChecks.positive("maxWaitingPerEndpoint", maxWaitingPerEndpoint);
        return this;
    }

    /**
     * The limit, for each endpoint, on connections that are being opened at the same time; at least 1. Default: as many
     * as {@link #maxOpenPerEndpoint} allows.
     */
    public ManagerBuilder<C> maxDialsPerEndpoint(int maxDialsPerEndpoint) {
        this.maxDialsPerEndpoint = OptionChecks.positive("maxDialsPerEndpoint", maxDialsPerEndpoint);
        return this;
    }

    /**
     * How much of {@link #maxOpen} dials to unproven endpoints may take together, in percent; 1 to 100. An endpoint is
     * unproven until one of its dials succeeds, and again from a dial that fails until one succeeds. So endpoints that
     * accept connections and never complete them do not keep out those that work. The share is rounded up, and holds
     * while the manager knows a second endpoint. Default: 50.
     */
    public ManagerBuilder<C> maxUnprovenPercent(int percent) {
        this.maxUnprovenPercent = OptionChecks.percent("maxUnprovenPercent", percent);
        return this;
    }

    /**
     * How long a connection may live; more than zero. At that age, an idle connection is closed at once, a leased one
     * when it is released. Each connection gets its own time, between three quarters of this and all of it, so that
     * connections that were opened together do not end together. Default: no limit.
     */
    public ManagerBuilder<C> maxLifetime(Duration maxLifetime) {
        this.maxLifetime = OptionChecks.positive("maxLifetime", maxLifetime);
        return this;
    }

    /**
     * How long leases may go on that a connection has when it is retired, if it takes several at a time; more than
     * zero. A connection is retired by its peer (in HTTP/2, by GOAWAY), by {@link ConnectionManager#evict}, or since a
     * lease could not be cleaned up. It takes no new lease then, and counts for the limits until its last lease has
     * ended. If it keeps waiters out at this age, it is closed under its holders. Default: no limit. Then leases that
     * never end keep the waiters of an endpoint with one connection out for ever; after 30 seconds,
     * {@link ConnectionListener#connectionLingers} tells. With such leases {@link #maxOpenPerEndpoint} should be at
     * least 2.
     */
    public ManagerBuilder<C> lingerTimeout(Duration timeout) {
        this.lingerTimeout = OptionChecks.positive("lingerTimeout", timeout);
        return this;
    }

    /**
     * How long an endpoint is paused when its dials fail. After the first failed dial, the next dial may begin at once.
     * From the second failure in a row, the endpoint is paused: at first for {@code first}, then each time for twice as
     * long, but at most for {@code longest}. Each pause is shortened by up to a half, so that many clients do not come
     * back together. After a pause, the endpoint is tried with one dial at a time until one succeeds. While the
     * endpoint is paused and has no connection open, acquires fail at once with the failure of the last dial.
     *
     * <p>Default: 100 ms and 5 s.
     *
     * @param first the first pause; more than zero
     * @param longest the longest pause; at least as long as {@code first}
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

    /**
     * Whether an acquire goes on waiting when dials fail, until {@link #acquireTimeout}, and the endpoint is dialed
     * again for it. (HikariCP does this always; gRPC calls it <em>wait for ready</em>.) Without, an acquire fails with
     * the dial that was begun for it, and at once while the endpoint is paused: see {@link #dialBackOff}. A request may
     * say otherwise: {@link AcquireRequest#withRetryDials}. Default: false.
     */
    public ManagerBuilder<C> retryDials(boolean retryDials) {
        this.retryDials = retryDials;
        return this;
    }

    /**
     * The budget that this manager shares with other managers: each connection also needs a permit of it. Default:
     * none.
     */
    public ManagerBuilder<C> budget(Budget budget) {
        this.budget = Objects.requireNonNull(budget, "budget");
        return this;
    }

    /**
     * Records the stack of one acquire in every {@code oneIn}, so that a report about its lease names the place: 1 for
     * every acquire, 0 for none. A stack costs some microseconds. Default: 0.
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
     * How long a lease may be held before it is reported, once, to the listener and in the log; more than zero.
     * Default: no limit.
     */
    public ManagerBuilder<C> leakDetectionThreshold(Duration leakDetectionThreshold) {
        this.leakDetectionThreshold = OptionChecks.positive("leakDetectionThreshold", leakDetectionThreshold);
        return this;
    }

    /**
     * The executor for everything that may run foreign code: each answer that was not there at once, each call of the
     * connector, and each call of the listener. Each is a task of its own. The manager does not shut the executor down.
     * A task that blocks occupies one of its threads for as long. The executor should not run tasks within
     * {@code execute}: they would run on the thread that releases.
     *
     * <p>Default: the manager's own daemon threads, started as needed, at most {@link #maxOpen} + 4,096. When all of
     * them are blocked, or the host allows no more threads, further tasks wait, for all callers.
     */
    public ManagerBuilder<C> callbackExecutor(Executor callbackExecutor) {
        this.callbackExecutor = Objects.requireNonNull(callbackExecutor, "callbackExecutor");
        return this;
    }

    /**
     * The stream to which the manager writes its history, from the beginning: what its state machine is told and what
     * it decides. These are acquires that found no idle connection, the releases that the machine is told of, dials,
     * timeouts and so on, some ten bytes each. The test kit can replay the history, event by event, with the same
     * effects. An acquire that takes an idle connection at once, and its release, are decided on the connection itself
     * and are not recorded one by one. The history contains the names of endpoints, and nothing that is sent or
     * received.
     *
     * <p>The manager writes at least every second while a connection is leased, on the executor given as
     * {@link #callbackExecutor}, by one thread at a time. If the stream throws or falls behind by some megabytes, the
     * recording ends, and nothing else. The manager does not close the stream. Default: no history.
     */
    public ManagerBuilder<C> recordHistory(OutputStream recordHistory) {
        this.recordHistory = Objects.requireNonNull(recordHistory, "recordHistory");
        return this;
    }

    /** The listener that is told what happens. What goes wrong is logged as well. Default: none. */
    public ManagerBuilder<C> listener(ConnectionListener listener) {
        this.listener = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /** The clock and the alarms of the manager. Default: {@link TimeSource#system}. */
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
                maxUnprovenPercent,
                acquireTimeout,
                dialTimeout,
                idleTimeout,
                maxLifetime,
                lingerTimeout,
                firstBackOff,
                longestBackOff,
                retryDials,
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
     * Builds the manager with the present options; later changes of this builder do not affect it. The manager opens no
     * connection until it is asked to.
     *
     * @throws IllegalStateException if the connector belongs to a manager already
     */
    public ConnectionManager<C> build() {
        connector.claim();
        return new DefaultConnectionManager<>(options());
    }
}
