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
 * The permits behind a {@link dev.keepalive.Budget}: which manager holds how many, and the slots that wait for one,
 * over all managers. Safe from any thread; never blocks; calls managers without its lock.
 */
public final class SharedBudget {
    private final int permits;
    private final Executor executor = new CallbackExecutor("keepalive-budget", 0);
    private final ReentrantLock lock = new ReentrantLock();

    // Under the lock.
    private final Set<Member> members = new LinkedHashSet<>();
    private final Set<Request> waitQueue = new LinkedHashSet<>();
    private int free;
    private boolean collecting;
    private boolean collectAgain;

    /** A budget of so many permits, at least 1. */
    public SharedBudget(int permits) {
        this.permits = permits;
        this.free = permits;
    }

    /** How many permits there are. */
    public int permits() {
        return permits;
    }

    /** How many permits are out. */
    public int inUse() {
        return locked(() -> permits - free);
    }

    /** How many slots wait for a permit. */
    public int waiting() {
        return locked(waitQueue::size);
    }

    /**
     * A manager takes part in the budget.
     *
     * @param debtor is told how many permits are wanted back, until told otherwise; returns how many are on their way
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
         * unless the ask is withdrawn.
         *
         * @return the ask if it has to wait, else null
         */
        @Nullable
        Request request(Runnable granted) {
            Request ask = new Request(this, granted);
            boolean atOnce = locked(() -> {
                if (free == 0 && !left) {
                    waitQueue.add(ask);
                    return false;
                }
                // Nothing comes of what a closed manager asks for.
                free -= left ? 0 : 1;
                held += left ? 0 : 1;
                return true;
            });
            if (atOnce) {
                granted.run();
                return null;
            }
            collect();
            return ask;
        }

        /** Takes an ask out of the line; false if it has been granted. */
        boolean cancel(Request ask) {
            boolean waited = locked(() -> waitQueue.remove(ask));
            if (waited) {
                collect();
            }
            return waited;
        }

        void giveBack() {
            settle(() -> returned(left ? 0 : 1));
        }

        /** The manager is closed: what it has not given back is not in use any more. */
        void leave() {
            settle(() -> {
                left = true;
                members.remove(this);
                waitQueue.removeIf(ask -> ask.member == this);
                return returned(held);
            });
        }

        private List<Request> returned(int count) {
            held -= count;
            free += count;
            return grantNext();
        }
    }

    /** A slot in line for a permit. */
    static final class Request {
        private final Member member;
        private final Runnable granted;

        private Request(Member member, Runnable granted) {
            this.member = member;
            this.granted = granted;
        }
    }

    /** Takes permits back and passes them on. */
    private void settle(Supplier<List<Request>> giving) {
        List<Request> granted = locked(giving);
        granted.forEach(ask -> executor.execute(ask.granted));
        collect();
    }

    private List<Request> grantNext() {
        List<Request> granted = new ArrayList<>();
        for (var asks = waitQueue.iterator(); free > 0 && asks.hasNext(); ) {
            Request next = asks.next();
            asks.remove();
            free--;
            next.member.held++;
            granted.add(next);
        }
        return granted;
    }

    // ---- what is owed

    /** Tells the managers what they owe now, on a thread of the budget; one round after the other. */
    private void collect() {
        boolean begin = locked(() -> {
            boolean inDebt = !waitQueue.isEmpty() || members.stream().anyMatch(member -> member.owed > 0);
            boolean first = inDebt && !collecting;
            collectAgain |= inDebt && collecting;
            collecting |= inDebt;
            return first;
        });
        if (begin) {
            executor.execute(this::collectInRounds);
        }
    }

    private void collectInRounds() {
        do {
            collectOnce();
        } while (locked(() -> {
            collecting = collectAgain;
            collectAgain = false;
            return collecting;
        }));
    }

    /** Nobody is asked for what another one pays already; who cannot pay yet goes on owing it. */
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
            paid += toBeTold ? member.debtor.applyAsInt(level) : 0;
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
