package dev.keepalive.soak;

import dev.keepalive.Endpoint;
import dev.keepalive.spi.TimeSource;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * A server that answers requests with {@link ServerLine}s, at each endpoint in the way of its {@link EndpointKind}, and
 * sometimes breaks every rule. Everything happens on its one thread; {@link #ask} runs a question there.
 *
 * <p>It finds these defects of its clients: more connections than a limit allows ({@link ConnectionCensus}); more
 * leases of one connection than it takes ({@link LeaseCensus}, {@link PipeConversation}); on a connection that one
 * lease has at a time, a request while the last one has no answer, or with unread input behind the last answer; two
 * leases in one stream, or one in two; and a request that is processed twice, of which the client was told that it was
 * not.
 */
final class ChaosServer implements AutoCloseable {
    private static final int LONGEST_CLOSED_MILLIS = 200;
    private static final int LONGEST_OPEN_MILLIS = 1500;
    private static final int REMEMBERED = 20_000;
    private static final int NEVER_MILLIS = 1000;

    private final FaultChooser faultChooser;
    private final SslContext tls;
    private final SoakFindings findings;
    private final ConnectionCensus census;
    private final ConnectionGauge pipelined = leasesOf(EndpointKind.PIPE);
    private final ConnectionGauge streams = leasesOf(EndpointKind.MUX);
    private final TimeSource time = TimeSource.system();
    private final Selector selector;
    private final Thread thread = new Thread(this::run, "chaos-server");
    private final Queue<Runnable> posted = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<TimedTask> timers = new PriorityQueue<>(Comparator.comparingLong(TimedTask::at));
    private final Map<Endpoint, ChaosListener> listeners = new LinkedHashMap<>();
    private final Set<ChaosConnection> connections = new LinkedHashSet<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(4096);
    private final Map<Integer, BitSet> requests = new HashMap<>();
    /** What was done to recently accepted connections, including those that have ended. */
    private final Map<ClientAddress, ChaosConnection.Record> recentRecords = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ClientAddress, ChaosConnection.Record> eldest) {
            return size() > REMEMBERED;
        }
    };

    private long accepted;
    private boolean closing;

    /** The two ends of a connection. */
    private record ClientAddress(Endpoint endpoint, int clientPort) {}

    /** A task and the time to run it. */
    private record TimedTask(long at, Runnable task) {}

    ChaosServer(FaultChooser faults, List<ChaosListener> all, SslContext tls, SoakFindings findings)
            throws IOException {
        this.faultChooser = faults;
        this.tls = tls;
        this.findings = findings;
        this.census = new ConnectionCensus(findings);
        this.selector = Selector.open();
        all.forEach(listener -> this.listeners.put(listener.endpoint, listener));
    }

    /** Counts the leases that share a connection. */
    private static ConnectionGauge leasesOf(EndpointKind kind) {
        return new ConnectionGauge("leases of a " + kind.scheme(false) + " connection", kind.mostLeases());
    }

    /** Starts to accept clients. */
    void start() throws IOException {
        for (ChaosListener listener : listeners.values()) {
            listener.watch(selector);
            if (listener.flaky) {
                later(faultChooser.between(1, LONGEST_OPEN_MILLIS), () -> shut(listener));
            }
        }
        thread.setDaemon(true);
        thread.start();
    }

    /** Runs a question on the thread of the server and waits for the answer. */
    <T> T ask(Callable<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        posted.add(() -> {
            try {
                answer.complete(question.call());
            } catch (Exception e) {
                answer.completeExceptionally(e);
            }
        });
        selector.wakeup();
        return answer.orTimeout(1, TimeUnit.MINUTES).join();
    }

    /** Stops all faults and reopens all listeners; or resumes the faults. */
    void setPeaceful(boolean peaceful) {
        ask(() -> {
            faultChooser.setPeaceful(peaceful);
            for (ChaosListener listener : listeners.values()) {
                if (peaceful && !listener.isOpen()) {
                    listener.reopen(selector);
                }
            }
            if (peaceful) {
                List.copyOf(connections).forEach(ChaosConnection::peace);
            }
            return true;
        });
    }

    /** How many connections are open at each endpoint. */
    Map<Endpoint, Integer> open() {
        return ask(() -> {
            Map<Endpoint, Integer> open = new HashMap<>();
            listeners.forEach(
                    (endpoint, listener) -> open.put(endpoint, listener.gauge().open()));
            return open;
        });
    }

    /** How often each fault was committed. */
    Map<ChaosFault, Long> faults() {
        return ask(faultChooser::counts);
    }

    /**
     * Whether the server may have caused the failure of an exchange: it disturbed the connection, or its listener may
     * have been closed when the connection was to be accepted.
     *
     * @param clientPort the client's port; it must not be free for another connection yet
     */
    boolean isToBlame(Endpoint endpoint, int clientPort) {
        return ask(() -> {
            ChaosListener listener = listeners.get(endpoint);
            if (listener == null || listener.flaky) {
                return true;
            }
            ChaosConnection.Record known = recentRecords.get(new ClientAddress(endpoint, clientPort));
            return known != null && known.isDisturbed();
        });
    }

    @Override
    public void close() throws Exception {
        ask(() -> closing = true);
        thread.join();
    }

    // ---- for the connections, on the server thread

    FaultChooser faultChooser() {
        return faultChooser;
    }

    /** The shared buffer for reading. */
    ByteBuffer buffer() {
        return buffer;
    }

    void later(int millis, Runnable task) {
        timers.add(new TimedTask(time.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), task));
    }

    void requestArrived(long request, ChaosConnection connection) {
        BitSet seen = requests.computeIfAbsent(RequestNumbers.workerOf(request), worker -> new BitSet());
        if (seen.get(RequestNumbers.countOf(request))) {
            findings.add("request " + request + " arrived twice, the second time on " + connection);
        }
        seen.set(RequestNumbers.countOf(request));
    }

    void connectionEnded(ChaosConnection connection) {
        if (connections.remove(connection)) {
            connection.listener.gauges.forEach(ConnectionGauge::closed);
        }
    }

    /** The most leases with unanswered requests at one connection. */
    ConnectionGauge pipelined() {
        return pipelined;
    }

    /** The most leases at one connection with streams. */
    ConnectionGauge streams() {
        return streams;
    }

    void addFinding(String finding) {
        findings.add(finding);
    }

    void failed(Exception e) {
        findings.add("the chaos server itself failed: " + e);
    }

    // ---- the loop

    private void run() {
        try {
            while (!closing) {
                selector.select(this::ready, millisToNext());
                runAll(posted);
                runDue();
            }
            for (ChaosConnection connection : List.copyOf(connections)) {
                connection.end();
            }
            for (ChaosListener listener : listeners.values()) {
                listener.shut();
            }
            selector.selectNow();
            selector.close();
        } catch (IOException | RuntimeException e) {
            failed(e);
        }
    }

    private void ready(SelectionKey key) {
        try {
            if (key.attachment() instanceof ChaosListener listener) {
                accept(listener);
            } else {
                ChaosConnection connection = (ChaosConnection) key.attachment();
                connection.readAvailable();
                connection.process();
            }
        } catch (IOException | RuntimeException e) {
            failed(e);
        }
    }

    private void accept(ChaosListener listener) throws IOException {
        SocketChannel socket =
                listener.socket() == null ? null : listener.socket().accept();
        if (socket == null) {
            return;
        }
        socket.configureBlocking(false);
        accepted++;
        ChaosConnection connection = new ChaosConnection(this, listener, socket, accepted, listener.tls ? tls : null);
        socket.register(selector, SelectionKey.OP_READ, connection);
        connections.add(connection);
        listener.gauges.forEach(ConnectionGauge::opened);
        remember(new ClientAddress(listener.endpoint, connection.clientPort()), connection.record());
        census.count(connection, connections);
        begin(connection);
        for (ChaosConnection any : List.copyOf(connections)) {
            any.process();
        }
    }

    /** A port that is used again comes last again: else its record would be the first to be forgotten. */
    private void remember(ClientAddress address, ChaosConnection.Record record) {
        recentRecords.remove(address);
        recentRecords.put(address, record);
    }

    private static void begin(ChaosConnection connection) {
        try {
            connection.begin();
        } catch (IOException peerWasQuicker) {
            connection.end();
        }
    }

    private void shut(ChaosListener listener) {
        try {
            if (!faultChooser.isPeaceful()) {
                faultChooser.count(ChaosFault.REFUSE);
                listener.shut();
            }
        } catch (IOException e) {
            failed(e);
        }
        later(faultChooser.between(1, LONGEST_CLOSED_MILLIS), () -> reopen(listener));
    }

    private void reopen(ChaosListener listener) {
        try {
            if (!listener.isOpen()) {
                listener.reopen(selector);
            }
            later(faultChooser.between(1, LONGEST_OPEN_MILLIS), () -> shut(listener));
        } catch (IOException taken) {
            // The old listener still holds the port.
            later(1, () -> reopen(listener));
        }
    }

    private long millisToNext() {
        TimedTask next = timers.peek();
        if (next == null) {
            return NEVER_MILLIS;
        }
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(next.at() - time.nanoTime()));
    }

    private void runDue() {
        long now = time.nanoTime();
        for (TimedTask due = timers.peek(); due != null && due.at() <= now; due = timers.peek()) {
            timers.poll();
            due.task().run();
        }
    }

    private static void runAll(Queue<Runnable> tasks) {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }
}
