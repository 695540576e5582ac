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
 * A server that answers each request line {@code <number>\n} with a {@link Line}, and that breaks every rule at times.
 * Everything happens on its one thread; {@link #ask} brings a question there.
 *
 * <p>It sees four kinds of defects of its clients: more connections than a limit allows ({@link Census}), a request on
 * a connection whose last one has no answer, or has more behind its answer than was read, and a request that comes
 * twice.
 */
final class ChaosServer implements AutoCloseable {
    private static final int LONGEST_SHUT_MILLIS = 200;
    private static final int LONGEST_OPEN_MILLIS = 1500;
    private static final int REMEMBERED = 20_000;
    private static final int NEVER_MILLIS = 1000;

    private final Mischief mischief;
    private final SslContext tls;
    private final Findings findings;
    private final Census census;
    private final TimeSource time = TimeSource.system();
    private final Selector selector;
    private final Thread thread = new Thread(this::run, "chaos-server");
    private final Queue<Runnable> posted = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Due> timers = new PriorityQueue<>(Comparator.comparingLong(Due::at));
    private final Map<Endpoint, Door> doors = new LinkedHashMap<>();
    private final Set<ChaosConnection> connections = new LinkedHashSet<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(4096);
    private final Map<Integer, BitSet> requests = new HashMap<>();
    /** What was done to the connections that were accepted lately, also to those that have ended. */
    private final Map<Way, ChaosConnection.Record> lately = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Way, ChaosConnection.Record> eldest) {
            return size() > REMEMBERED;
        }
    };

    private long accepted;
    private boolean closing;

    /** From where to where a connection leads. */
    private record Way(Endpoint endpoint, int clientPort) {}

    /** Something to do at a time. */
    private record Due(long at, Runnable task) {}

    ChaosServer(Mischief mischief, List<Door> doors, SslContext tls, Findings findings) throws IOException {
        this.mischief = mischief;
        this.tls = tls;
        this.findings = findings;
        this.census = new Census(findings);
        this.selector = Selector.open();
        doors.forEach(door -> this.doors.put(door.endpoint, door));
    }

    /** Lets clients in. */
    void start() throws IOException {
        for (Door door : doors.values()) {
            door.watch(selector);
            if (door.flaky) {
                later(mischief.between(1, LONGEST_OPEN_MILLIS), () -> shut(door));
            }
        }
        thread.setDaemon(true);
        thread.start();
    }

    /** Has the server's thread find something out, and waits for the answer. */
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

    /** Stops all mischief, and opens all doors; or goes on with it. */
    void setPeaceful(boolean peaceful) {
        ask(() -> {
            mischief.setPeaceful(peaceful);
            for (Door door : doors.values()) {
                if (peaceful && !door.isOpen()) {
                    door.reopen(selector);
                }
            }
            return true;
        });
    }

    /** How many connections are open, by endpoint. */
    Map<Endpoint, Integer> open() {
        return ask(() -> {
            Map<Endpoint, Integer> open = new HashMap<>();
            doors.forEach((endpoint, door) -> open.put(endpoint, door.gauge().open()));
            return open;
        });
    }

    /** How often each fault was done. */
    Map<Fault, Long> faults() {
        return ask(mischief::counts);
    }

    /**
     * Whether the server has an excuse for an exchange that broke: it disturbed the connection, or nobody may have
     * listened any more when it was to be accepted.
     *
     * @param clientPort the client's port, as long as it is not free for another connection
     */
    boolean isToBlame(Endpoint endpoint, int clientPort) {
        return ask(() -> {
            Door door = doors.get(endpoint);
            if (door == null || door.flaky) {
                return true;
            }
            ChaosConnection.Record known = lately.get(new Way(endpoint, clientPort));
            return known != null && known.isDisturbed();
        });
    }

    @Override
    public void close() throws Exception {
        ask(() -> closing = true);
        thread.join();
    }

    // ---- for its connections, on its thread

    Mischief mischief() {
        return mischief;
    }

    /** For whoever reads at the moment. */
    ByteBuffer buffer() {
        return buffer;
    }

    void later(int millis, Runnable task) {
        timers.add(new Due(time.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), task));
    }

    void asked(long request, ChaosConnection connection) {
        BitSet seen = requests.computeIfAbsent(Requests.workerOf(request), worker -> new BitSet());
        if (seen.get(Requests.countOf(request))) {
            findings.add("request " + request + " came twice, the second time on " + connection);
        }
        seen.set(Requests.countOf(request));
    }

    void ended(ChaosConnection connection) {
        if (connections.remove(connection)) {
            connection.door.gauges.forEach(Gauge::closed);
        }
    }

    void found(String finding) {
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
            for (Door door : doors.values()) {
                door.shut();
            }
            selector.selectNow();
            selector.close();
        } catch (IOException | RuntimeException e) {
            failed(e);
        }
    }

    private void ready(SelectionKey key) {
        try {
            if (key.attachment() instanceof Door door) {
                accept(door);
            } else {
                ChaosConnection connection = (ChaosConnection) key.attachment();
                connection.fill();
                connection.act();
            }
        } catch (IOException | RuntimeException e) {
            failed(e);
        }
    }

    private void accept(Door door) throws IOException {
        SocketChannel socket = door.listener() == null ? null : door.listener().accept();
        if (socket == null) {
            return;
        }
        socket.configureBlocking(false);
        accepted++;
        ChaosConnection connection = new ChaosConnection(this, door, socket, accepted, door.tls ? tls : null);
        socket.register(selector, SelectionKey.OP_READ, connection);
        connections.add(connection);
        door.gauges.forEach(Gauge::opened);
        lately.put(new Way(door.endpoint, connection.clientPort()), connection.record());
        census.count(connection, connections);
        begin(connection);
        for (ChaosConnection any : List.copyOf(connections)) {
            any.act();
        }
    }

    private static void begin(ChaosConnection connection) {
        try {
            connection.begin();
        } catch (IOException peerWasQuicker) {
            connection.end();
        }
    }

    private void shut(Door door) {
        try {
            if (!mischief.isPeaceful()) {
                mischief.count(Fault.REFUSE);
                door.shut();
            }
        } catch (IOException e) {
            failed(e);
        }
        later(mischief.between(1, LONGEST_SHUT_MILLIS), () -> reopen(door));
    }

    private void reopen(Door door) {
        try {
            if (!door.isOpen()) {
                door.reopen(selector);
            }
            later(mischief.between(1, LONGEST_OPEN_MILLIS), () -> shut(door));
        } catch (IOException taken) {
            // The old listener is not quite gone.
            later(1, () -> reopen(door));
        }
    }

    private long millisToNext() {
        Due next = timers.peek();
        if (next == null) {
            return NEVER_MILLIS;
        }
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(next.at() - time.nanoTime()));
    }

    private void runDue() {
        long now = time.nanoTime();
        for (Due due = timers.peek(); due != null && due.at() <= now; due = timers.peek()) {
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
