package dev.keepalive;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
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
 * A number of connections that several managers share: each connection of any of them holds one permit, from before it
 * is dialled until it is closed. When all permits are out, those who ask wait in line, over all managers, first come
 * first served; the managers are asked to give up what they hold idle, and, if that is not enough for some time, what
 * is released to them next, until nobody waits any more. Reuse needs no permit and costs nothing.
 *
 * <p>Safe from any thread; never blocks. A manager leaves the budget when it is {@linkplain ConnectionManager#closed
 * closed}.
 */
public final class Budget {
    private final int permits;
    private final String name;
    private final Executor executor = new CallbackExecutor("keepalive-budget", 0);
    private final ReentrantLock lock = new ReentrantLock();

    // Under the lock.
    private final Set<Member> members = new LinkedHashSet<>();
    private final Set<Ask> line = new LinkedHashSet<>();
    private int free;
    private boolean collecting;
    private boolean collectAgain;

    private Budget(int permits, String name) {
        this.permits = permits;
        this.name = name;
        this.free = permits;
    }

    /**
     * A budget of so many connections.
     *
     * @throws IllegalArgumentException if that is less than 1
     */
    public static Budget of(int permits) {
        return new Budget(OptionChecks.positive("permits", permits), "budget " + permits);
    }

    /**
     * A budget of as many connections as this process may have descriptors, less a reserve for everything else that
     * needs one: files, listening sockets, the connections of others.
     *
     * @throws IllegalArgumentException if the reserve is negative or leaves nothing
     * @throws UnsupportedOperationException if this system does not tell how many descriptors a process may have
     */
    public static Budget ofDescriptors(int reserve) {
        int limit = descriptors();
        if (reserve < 0 || reserve >= limit) {
            throw new IllegalArgumentException(
                    "reserve " + reserve + " is not allowed: 0 to " + (limit - 1) + " of " + limit + " descriptors");
        }
        int permits = limit - reserve;
        return new Budget(permits, "budget " + permits + " of " + limit + " descriptors");
    }

    /** How many descriptors this process may have open. */
    private static int descriptors() {
        try {
            if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
                return (int) Math.min(Integer.MAX_VALUE, unix.getMaxFileDescriptorCount());
            }
        } catch (NoClassDefFoundError absent) {
            // a runtime without the module jdk.management
        }
        throw new UnsupportedOperationException("this system does not tell how many descriptors a process may have");
    }

    /** How many connections it allows in all. */
    public int permits() {
        return permits;
    }

    /** How many permits are out. A photograph, not for decisions. */
    public int inUse() {
        return locked(() -> permits - free);
    }

    /** How many connections wait for a permit. A photograph, not for decisions. */
    public int waiting() {
        return locked(line::size);
    }

    /** For example {@code budget 100}. */
    @Override
    public String toString() {
        return name;
    }

    // ---- for managers

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
        private int told;
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
        Ask ask(Runnable granted) {
            Ask ask = new Ask(this, granted);
            boolean atOnce = locked(() -> {
                if (free == 0 && !left) {
                    line.add(ask);
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
        boolean withdraw(Ask ask) {
            boolean waited = locked(() -> line.remove(ask));
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
                line.removeIf(ask -> ask.member == this);
                return returned(held);
            });
        }

        private List<Ask> returned(int count) {
            held -= count;
            free += count;
            return nextInLine();
        }
    }

    /** A slot in line for a permit. */
    static final class Ask {
        private final Member member;
        private final Runnable granted;

        private Ask(Member member, Runnable granted) {
            this.member = member;
            this.granted = granted;
        }
    }

    /** Takes permits back and passes them on. */
    private void settle(Supplier<List<Ask>> giving) {
        List<Ask> granted = locked(giving);
        granted.forEach(ask -> executor.execute(ask.granted));
        collect();
    }

    private List<Ask> nextInLine() {
        List<Ask> granted = new ArrayList<>();
        for (var asks = line.iterator(); free > 0 && asks.hasNext(); ) {
            Ask next = asks.next();
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
            boolean inDebt = !line.isEmpty() || members.stream().anyMatch(member -> member.told > 0);
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
            int level = locked(() -> Math.min(member.held, Math.max(0, line.size() - paidSoFar)));
            boolean toBeTold = locked(() -> {
                boolean changed = level > 0 || member.told > 0;
                member.told = level;
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
