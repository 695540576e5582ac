package dev.keepalive.testkit;

import dev.keepalive.Endpoint;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.LinkEvents;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A connector whose dials succeed and fail as the test decides, or all succeed at once. Its connections take one lease
 * at a time, or several ({@link #sharing}). It counts what is open, as a server would. Safe from any thread; never
 * blocks.
 */
public final class FakeConnector implements Connector<FakeConnection> {
    /** Stands for connections that take one lease after the other. */
    static final int EXCLUSIVE = -1;

    private boolean answersAtOnce;
    private final Queue<FakeDial> waiting = new ArrayDeque<>();
    private final List<FakeDial> dials = new ArrayList<>();
    private final Set<FakeLink> links = new LinkedHashSet<>();
    private final Map<Endpoint, Integer> openByEndpoint = new HashMap<>();
    private int mostOpen;
    private int mostOpenPerEndpoint;
    private boolean owned;
    private boolean closed;
    private volatile int expectedLeases = 1;
    private volatile int capacity = EXCLUSIVE;
    private volatile @Nullable Executor loop;
    private volatile @Nullable Thread loopThread;

    private FakeConnector(boolean answersAtOnce) {
        this.answersAtOnce = answersAtOnce;
    }

    /** A connector whose dials wait: the test takes each with {@link #nextDial} and decides its result. */
    public static FakeConnector scripted() {
        return new FakeConnector(false);
    }

    /** A connector whose dials all succeed at once. */
    public static FakeConnector prompt() {
        return new FakeConnector(true);
    }

    /**
     * Connections that are opened from now on are shared: each takes this many leases at a time, until the test changes
     * that ({@link FakeLink#capacity}).
     *
     * @param leases 0 or more; with 0 the dial goes on until the test says more
     * @return this connector
     */
    public FakeConnector sharing(int leases) {
        if (leases < 0) {
            throw new IllegalArgumentException("leases " + leases + " is not allowed: 0 or more");
        }
        capacity = leases;
        return this;
    }

    /** Connections that are opened from now on take one lease after the other, as they do at first. */
    public FakeConnector notSharing() {
        capacity = EXCLUSIVE;
        return this;
    }

    /**
     * Sets how many leases a connection is expected to take at a time before one was opened
     * ({@link Connector#expectedLeases}). Default: 1.
     *
     * @return this connector
     */
    public FakeConnector expecting(int leases) {
        expectedLeases = leases;
        return this;
    }

    /** How many leases a connection takes at a time that is opened now. */
    public int leasesPerConnection() {
        return capacity == EXCLUSIVE ? 1 : capacity;
    }

    /** What {@link #sharing} said; {@link #EXCLUSIVE} if connections are not shared. */
    int capacity() {
        return capacity;
    }

    /**
     * From now on this thread counts as one of the connector's event loops. Answers return to it through this executor.
     */
    public void eventLoop(Thread thread, Executor executor) {
        loop = executor;
        loopThread = thread;
    }

    /**
     * Takes the oldest dial that this method has not returned yet.
     *
     * @throws AssertionError if there is none
     */
    public synchronized FakeDial nextDial() {
        FakeDial dial = waiting.poll();
        if (dial == null) {
            throw new AssertionError("there is no dial that the test has not taken");
        }
        return dial;
    }

    /** From now on all dials succeed at once, also those that the test has not taken. */
    public void answerAtOnce() {
        List<FakeDial> notTaken;
        synchronized (this) {
            answersAtOnce = true;
            notTaken = List.copyOf(waiting);
            waiting.clear();
        }
        notTaken.forEach(FakeDial::succeed);
    }

    /** All dials so far, oldest first. */
    public synchronized List<FakeDial> dials() {
        return List.copyOf(dials);
    }

    /** The number of connections that are open now. */
    public synchronized int openLinks() {
        return links.size();
    }

    /** The connections that are open now, oldest first. */
    public synchronized List<FakeLink> links() {
        return List.copyOf(links);
    }

    /** The most connections that were ever open at the same time. */
    public synchronized int mostOpenLinks() {
        return mostOpen;
    }

    /** The most connections that were ever open to one endpoint at the same time. */
    public synchronized int mostOpenLinksPerEndpoint() {
        return mostOpenPerEndpoint;
    }

    /** True when the manager has closed the connector. */
    public synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized void claim() {
        if (owned) {
            throw new IllegalStateException("this connector belongs to a manager already");
        }
        owned = true;
    }

    /** Serves everything but the scheme {@code unknown}. */
    @Override
    public void requireSupported(Endpoint endpoint) {
        if (endpoint.scheme().equals("unknown")) {
            throw new IllegalArgumentException("scheme 'unknown' is not allowed: any other");
        }
    }

    @Override
    public int expectedLeases(Endpoint endpoint) {
        return expectedLeases;
    }

    @Override
    public Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
        FakeDial dial;
        boolean atOnce;
        synchronized (this) {
            atOnce = answersAtOnce;
            dial = new FakeDial(this, request, events, dials.size() + 1);
            dials.add(dial);
            if (!atOnce) {
                waiting.add(dial);
            }
        }
        if (atOnce) {
            dial.succeed();
        }
        return dial;
    }

    @Override
    public @Nullable Executor currentEventLoop() {
        return Thread.currentThread() == loopThread ? loop : null;
    }

    @Override
    public synchronized CompletionStage<?> close() {
        closed = true;
        return CompletableFuture.completedStage(null);
    }

    synchronized void opened(FakeLink link) {
        links.add(link);
        mostOpen = Math.max(mostOpen, links.size());
        mostOpenPerEndpoint = Math.max(mostOpenPerEndpoint, openByEndpoint.merge(link.endpoint(), 1, Integer::sum));
    }

    synchronized void closed(FakeLink link) {
        if (links.remove(link)) {
            decrementOpen(link.endpoint());
        }
    }

    /**
     * Does not count the connection as one more at the same time: it was open before, and the manager may be about to
     * close it.
     */
    synchronized void rekeyed(FakeLink link, Endpoint as) {
        if (links.contains(link)) {
            decrementOpen(link.endpoint());
            openByEndpoint.merge(as, 1, Integer::sum);
        }
    }

    private void decrementOpen(Endpoint endpoint) {
        openByEndpoint.computeIfPresent(endpoint, (any, open) -> open == 1 ? null : open - 1);
    }
}
