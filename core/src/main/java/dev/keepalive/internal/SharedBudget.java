package dev.keepalive.internal;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The permits of a {@link dev.keepalive.Budget}: how many each manager holds, and the slots of all managers that wait
 * for one. Safe from any thread; never blocks; managers are called without its lock.
 */
public final class SharedBudget {
    private final int permits;
    private final Executor executor;
    private final ReentrantLock lock = new ReentrantLock();

    // Read and written under the lock.
    private final Set<Member> members = new LinkedHashSet<>();
    private final Set<Request> waitQueue = new LinkedHashSet<>();
    private int free;
    private boolean collecting;
    private boolean collectAgain;

    /** Makes a budget of so many permits, at least 1. */
    public SharedBudget(int permits) {
        this(permits, new CallbackExecutor("keepalive-budget", 0));
    }

    /** @param threads if it refuses a task, for example since no thread can be started, the calling thread runs it */
    SharedBudget(int permits, Executor threads) {
        this.permits = permits;
        this.free = permits;
        this.executor = new TrampolineExecutor(threads, threads);
    }

    /** How many permits there are. */
    public int permits() {
        return permits;
    }

    /** How many permits the managers hold. */
    public int inUse() {
        return locked(() -> permits - free);
    }

    /** How many slots wait for a permit. */
    public int waiting() {
        return locked(waitQueue::size);
    }

    /**
     * Adds a manager to the budget.
     *
     * @param debtor told how many permits the manager owes from now on; returns how many of them are on their way back
     */
    Member join(IntUnaryOperator debtor) {
        Member member = new Member(debtor);
        locked(() -> members.add(member));
        return member;
    }

    /** A manager's part in the budget. */
    final class Member {
        private final IntUnaryOperator debtor;
        private int held;
        private int owed;
        private boolean left;

        private Member(IntUnaryOperator debtor) {
            this.debtor = debtor;
        }

        /**
         * Asks for a permit; {@code granted} is called once, within this call or later from a thread of the budget,
         * unless the request is cancelled.
         *
         * @return the request if it has to wait; null if the permit is granted
         */
        @Nullable
        Request request(Runnable granted) {
            Request waiting = new Request(this, granted);
            boolean atOnce = locked(() -> {
                if (free == 0 && !left) {
                    waitQueue.add(waiting);
                    return false;
                }
                // A manager that has left is answered, but no permit is counted: it opens nothing any more.
                free -= left ? 0 : 1;
                held += left ? 0 : 1;
                return true;
            });
            if (atOnce) {
                granted.run();
                return null;
            }
            collect();
            return waiting;
        }

        /** Takes a request out of the wait queue; false if it has been granted. */
        boolean cancel(Request request) {
            boolean waited = locked(() -> waitQueue.remove(request));
            if (waited) {
                collect();
            }
            return waited;
        }

        /** Does what was cut short, for want of memory: grants permits that are free, and begins a round. */
        void resume() {
            settle(SharedBudget.this::grantNext);
        }

        void giveBack() {
            settle(() -> returned(left ? 0 : 1));
        }

        /** Takes the manager out of the budget, since it is closed. All its permits are free. */
        void leave() {
            settle(() -> {
                left = true;
                members.remove(this);
                waitQueue.removeIf(request -> request.member == this);
                return returned(held);
            });
        }

        private List<Request> returned(int count) {
            held -= count;
            free += count;
            return grantNext();
        }
    }

    /** A slot's request that waits for a permit. */
    static final class Request {
        private final Member member;
        private final Runnable granted;

        private Request(Member member, Runnable granted) {
            this.member = member;
            this.granted = granted;
        }
    }

    /** Takes permits back, and grants them to waiting requests. */
    private void settle(Supplier<List<Request>> giving) {
        List<Request> granted = locked(giving);
        // Nothing is allocated here: the permits are taken already.
        for (int i = 0; i < granted.size(); i++) {
            executor.execute(granted.get(i).granted);
        }
        collect();
    }

    private List<Request> grantNext() {
        // All memory is taken before the first permit is.
        List<Request> granted = new ArrayList<>(Math.min(free, waitQueue.size()));
        for (var requests = waitQueue.iterator(); free > 0 && requests.hasNext(); ) {
            Request next = requests.next();
            requests.remove();
            free--;
            next.member.held++;
            granted.add(next);
        }
        return granted;
    }

    // ---- what is owed

    /** Tells the managers what they owe now, on a thread of the budget, one round at a time. */
    private void collect() {
        boolean begin = locked(() -> {
            boolean inDebt = !waitQueue.isEmpty() || members.stream().anyMatch(member -> member.owed > 0);
            boolean first = inDebt && !collecting;
            collectAgain |= inDebt && collecting;
            collecting |= inDebt;
            return first;
        });
        if (begin) {
            try {
                executor.execute(this::collectInRounds);
            } catch (Throwable refused) {
                stopCollecting();
            }
        }
    }

    /** Never throws. A round that is cut short, for want of memory, begins again with the next request or alarm. */
    private void collectInRounds() {
        try {
            do {
                collectOnce();
            } while (isToCollectAgain());
        } catch (Throwable noMemory) {
            stopCollecting();
        }
    }

    private boolean isToCollectAgain() {
        return locked(() -> {
            collecting = collectAgain;
            collectAgain = false;
            return collecting;
        });
    }

    private void stopCollecting() {
        lock.lock();
        try {
            collecting = false;
            collectAgain = false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Tells each manager what it owes. Permits that one manager is giving back are not asked of another one. A manager
     * that cannot give a permit back yet goes on owing it.
     */
    private void collectOnce() {
        int paid = 0;
        for (Member member : locked(() -> List.copyOf(members))) {
            int paidSoFar = paid;
            int level = locked(() -> Math.min(member.held, Math.max(0, waitQueue.size() - paidSoFar)));
            boolean toBeTold = locked(() -> {
                boolean changed = level > 0 || member.owed > 0;
                member.owed = level;
                return changed;
            });
            paid += toBeTold ? tell(member, level) : 0;
        }
    }

    /** A manager that throws pays nothing now; the other managers are told all the same, in this round and later. */
    private static int tell(Member member, int level) {
        try {
            return member.debtor.applyAsInt(level);
        } catch (Throwable thrown) {
            report(thrown);
            return 0;
        }
    }

    private static void report(Throwable thrown) {
        Thread thread = Thread.currentThread();
        try {
            thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
        } catch (Throwable again) {
            // the program's handler is the last resort
        }
    }

    private <R> R locked(Supplier<R> part) {
        lock.lock();
        try {
            return part.get();
        } finally {
            lock.unlock();
        }
    }
}
