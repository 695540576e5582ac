package dev.keepalive.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** The workers, who work in shifts. */
final class Crew implements AutoCloseable {
    /** A worker who has not come back by then, long after every timeout, hangs. */
    private static final int PATIENCE_SECONDS = 120;

    private static final int CALLBACK_THREADS = 4;
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(5);

    private final List<Worker> workers = new ArrayList<>();
    private final Findings findings;
    private final Pokes pokes = new Pokes();
    private final ExecutorService callbacks;
    private final AtomicInteger mayForget = new AtomicInteger();

    Crew(int size, long seed, ChaosServer server, Findings findings) {
        this.findings = findings;
        AtomicInteger count = new AtomicInteger();
        callbacks = Executors.newFixedThreadPool(CALLBACK_THREADS, task -> {
            Thread made = new Thread(task, "soak-callbacks-" + count.incrementAndGet());
            made.setDaemon(true);
            return made;
        });
        for (int number = 1; number <= size; number++) {
            workers.add(new Worker(number, seed, server, findings, pokes, callbacks, mayForget));
        }
    }

    /** Workers at work. */
    final class Shift {
        private final List<Thread> threads = new ArrayList<>();
        private final List<Client> clients;
        private volatile int present = workers.size();
        private volatile boolean over;

        private Shift(List<Client> clients) {
            this.clients = clients;
        }

        /** From now on only so many work, and the others pause. */
        void setPresent(int present) {
            this.present = present;
        }

        /** Lets everybody finish what he is at. */
        void end() throws InterruptedException {
            over = true;
            for (Thread thread : threads) {
                thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
                if (thread.isAlive()) {
                    findings.add(thread.getName() + " hangs at " + List.of(thread.getStackTrace()));
                    return;
                }
            }
        }

        private void start(int number, Worker worker) {
            Thread thread = new Thread(() -> work(number, worker), "soak-worker-" + number);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }

        private void work(int number, Worker worker) {
            try {
                while (!over && findings.isEmpty()) {
                    if (number <= present) {
                        worker.step(clients);
                    } else {
                        LockSupport.parkNanos(PAUSE);
                    }
                }
            } catch (InterruptedException | RuntimeException | Error e) {
                findings.add("a worker met " + e + " at " + List.of(e.getStackTrace()));
            }
        }
    }

    /** How many there are. */
    int size() {
        return workers.size();
    }

    /** So many leases more may be forgotten: a forgotten one keeps its place until it is garbage. */
    void setMayForget(int leases) {
        mayForget.set(leases);
    }

    /** Everybody begins. */
    Shift begin(List<Client> clients) {
        Shift shift = new Shift(clients);
        for (int i = 0; i < workers.size(); i++) {
            shift.start(i + 1, workers.get(i));
        }
        return shift;
    }

    @Override
    public void close() {
        pokes.close();
        callbacks.shutdownNow();
    }
}
