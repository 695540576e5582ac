package dev.keepalive.soak;

import dev.keepalive.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** The worker threads, started and stopped in shifts. */
final class WorkerGroup implements AutoCloseable {
    /** A worker that has not finished by then, long after every timeout, hangs. */
    private static final int PATIENCE_SECONDS = 120;

    /** One of so many workers only renews leases. */
    private static final int WORKERS_PER_RENEWER = 16;

    private static final int CALLBACK_THREADS = 4;
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(5);

    private final List<SoakWorker> workers = new ArrayList<>();
    private final SoakFindings findings;
    private final WorkerInterrupts interrupts = new WorkerInterrupts();
    private final ThreadPoolExecutor callbacks;
    private int shifts;
    private final AtomicInteger leaksAllowed = new AtomicInteger();

    WorkerGroup(int size, long seed, ChaosServer server, SoakFindings findings) {
        this.findings = findings;
        AtomicInteger count = new AtomicInteger();
        callbacks = (ThreadPoolExecutor) Executors.newFixedThreadPool(CALLBACK_THREADS, task -> {
            Thread made = new Thread(task, "soak-callbacks-" + count.incrementAndGet());
            made.setDaemon(true);
            return made;
        });
        // Else a thread that starts later would look like a leak.
        callbacks.prestartAllCoreThreads();
        for (int number = 1; number <= size; number++) {
            workers.add(new SoakWorker(number, seed, server, findings, interrupts, callbacks, leaksAllowed));
        }
    }

    /** One period of work. */
    final class Shift {
        private final List<Thread> threads = new ArrayList<>();
        private final List<ManagerUnderTest> managers;
        private volatile int present = workers.size();
        private volatile boolean over;
        private final int shift = shifts++;

        private Shift(List<ManagerUnderTest> managers) {
            this.managers = managers;
        }

        /** From now on only so many workers are active; the others pause. */
        void setPresent(int present) {
            this.present = present;
        }

        /** Lets all workers finish their present step. */
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

        private void start(int number, SoakWorker worker) {
            Thread thread = new Thread(() -> work(number, worker), "soak-worker-" + number);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }

        private void work(int number, SoakWorker worker) {
            try {
                List<Endpoint> shared = managers.get(0).sharedEndpoints();
                if (number * WORKERS_PER_RENEWER <= workers.size() && !shared.isEmpty()) {
                    // Two at each endpoint: while one waits, the other holds its lease.
                    Endpoint endpoint = shared.get(((number - 1) / 2 + shift) % shared.size());
                    worker.renew(managers.get(0), endpoint, () -> over || !findings.isEmpty());
                }
                while (!over && findings.isEmpty()) {
                    if (number <= present) {
                        worker.step(managers);
                    } else {
                        LockSupport.parkNanos(PAUSE);
                    }
                }
            } catch (InterruptedException | RuntimeException | Error e) {
                findings.add("a worker failed with " + e + " at " + List.of(e.getStackTrace()));
            }
        }
    }

    /** The number of workers. */
    int size() {
        return workers.size();
    }

    /** Allows so many more leaks. A leaked lease keeps its place until it is garbage. */
    void allowLeaks(int leases) {
        leaksAllowed.set(leases);
    }

    /** Starts all workers. */
    Shift begin(List<ManagerUnderTest> managers) {
        Shift shift = new Shift(managers);
        for (int i = 0; i < workers.size(); i++) {
            shift.start(i + 1, workers.get(i));
        }
        return shift;
    }

    @Override
    public void close() {
        interrupts.close();
        callbacks.shutdownNow();
    }
}
