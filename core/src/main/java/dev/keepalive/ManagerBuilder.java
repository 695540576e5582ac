package dev.keepalive;

import dev.keepalive.spi.Connector;
import dev.keepalive.spi.PoolListener;
import dev.keepalive.spi.TimeSource;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The options of a {@link ConnectionManager}. All are optional. Each setter checks its value at once: an
 * {@link IllegalArgumentException} names the option, the value and what is allowed, a {@link NullPointerException} the option that was null.
 * Not safe for several threads.
 *
 * @param <C> the type of connection
 */
public final class ManagerBuilder<C> {
    final Connector<C> connector;
    String name = "keepalive";
    int maxOpen = 128;
    int maxOpenPerEndpoint = 4;
    Duration acquireTimeout = Duration.ofSeconds(120);
    Duration dialTimeout = Duration.ofSeconds(30);
    Duration idleTimeout = Duration.ofSeconds(15);

    @Nullable
    Executor callbacks;

    PoolListener listener = PoolListener.NONE;
    TimeSource time = TimeSource.system();

    ManagerBuilder(Connector<C> connector) {
        this.connector = Objects.requireNonNull(connector, "connector");
    }

    /** The manager's name in messages and thread names. Default: {@code keepalive}. */
    public ManagerBuilder<C> name(String name) {
        this.name = Objects.requireNonNull(name, "name");
        return this;
    }

    /**
     * Most connections open at once over all endpoints, from the decision to open one until it is gone; at least 1. Default: 128. The seed's
     * {@code max_open}.
     */
    public ManagerBuilder<C> maxOpen(int maxOpen) {
        this.maxOpen = Options.positive("maxOpen", maxOpen);
        return this;
    }

    /**
     * Most connections open at once to one endpoint; at least 1. If it is greater than {@link #maxOpen}, the smaller rules. Default: 4. The
     * seed's {@code max_per_host}.
     */
    public ManagerBuilder<C> maxOpenPerEndpoint(int maxOpenPerEndpoint) {
        this.maxOpenPerEndpoint = Options.positive("maxOpenPerEndpoint", maxOpenPerEndpoint);
        return this;
    }

    /**
     * How long an acquire may take that has no timeout of its own: from the call until the lease, everything included; more than zero.
     * Default: 120 s. The seed's {@code timeout}.
     */
    public ManagerBuilder<C> acquireTimeout(Duration acquireTimeout) {
        this.acquireTimeout = Options.positive("acquireTimeout", acquireTimeout);
        return this;
    }

    /**
     * How long one dial may take, lookup, connecting and TLS included; more than zero. A dial serves the endpoint, not one acquire: when the
     * acquire that caused it gives up, it goes on, and its connection serves the next or goes idle. Default: 30 s.
     */
    public ManagerBuilder<C> dialTimeout(Duration dialTimeout) {
        this.dialTimeout = Options.positive("dialTimeout", dialTimeout);
        return this;
    }

    /** How long an idle connection is kept; more than zero. Default: 15 s. The seed's {@code keep_alive}. */
    public ManagerBuilder<C> idleTimeout(Duration idleTimeout) {
        this.idleTimeout = Options.positive("idleTimeout", idleTimeout);
        return this;
    }

    /**
     * The executor that runs what may be foreign: each answer that was not there at once, each call into the connector, and the listener,
     * each as a task of its own. The manager does not shut it down. A task that blocks takes one of its threads for as long.
     * If it runs tasks within {@code execute}, they run on the thread of whoever releases; so it should not.
     *
     * <p>Default: daemon threads of the manager's own, made as needed: as many as {@link #maxOpen} and 256 more.
     */
    public ManagerBuilder<C> callbacks(Executor callbacks) {
        this.callbacks = Objects.requireNonNull(callbacks, "callbacks");
        return this;
    }

    /** Who is told what happens. Default: nobody; what goes wrong is logged as well. */
    public ManagerBuilder<C> listener(PoolListener listener) {
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
        return "maxOpen " + maxOpen + ", maxOpenPerEndpoint " + maxOpenPerEndpoint + ", acquireTimeout "
                + acquireTimeout + ", dialTimeout " + dialTimeout + ", idleTimeout " + idleTimeout;
    }

    /**
     * Builds the manager. It opens nothing until it is asked to.
     *
     * @throws IllegalStateException if the connector belongs to another manager already
     */
    public ConnectionManager<C> build() {
        connector.open();
        return new Shell<>(this);
    }
}
