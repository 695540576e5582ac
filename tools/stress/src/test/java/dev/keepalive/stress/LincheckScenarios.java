package dev.keepalive.stress;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;

/**
 * Makes random scenarios, the same from the same seed: a preparation, then two threads with three calls each or three
 * threads with two. A thread uses what existed before and what it has acquired itself.
 */
final class LincheckScenarios {
    private final Class<?> calls;
    private final Random random;
    private final List<Integer> dials = new ArrayList<>();
    private final Set<Integer> ended = new HashSet<>();
    private Set<Integer> endedElsewhere = Set.of();
    private int ids;
    private boolean ticked;

    private LincheckScenarios(Class<?> calls, long seed) {
        this.calls = calls;
        this.random = new Random(seed);
    }

    static ExecutionScenario ofDecisions(long seed) {
        LincheckScenarios made = new LincheckScenarios(LincheckDecisions.class, seed);
        return made.scenario(made.preparationOfDecisions(), List.of(made.call("outcome")), made::decision);
    }

    /**
     * The manager is not closed in them: its end cuts leases short after the event, so a release at the same time may
     * still be the first end of its lease.
     */
    static ExecutionScenario ofSharedDecisions(long seed) {
        LincheckScenarios made = new LincheckScenarios(LincheckSharedDecisions.class, seed);
        return made.scenario(made.preparationOfDecisions(), List.of(made.call("outcome")), made::sharedDecision);
    }

    static ExecutionScenario ofLosses(long seed) {
        LincheckScenarios made = new LincheckScenarios(LincheckLosses.class, seed);
        return made.scenario(made.preparationOfLosses(), List.of(), made::loss);
    }

    /** Makes one call of a thread that may use these ids. */
    @FunctionalInterface
    private interface Next {
        Actor call(List<Integer> mine);
    }

    private ExecutionScenario scenario(List<Actor> before, List<Actor> after, Next next) {
        before.add(call("begin"));
        int threads = chance(50) ? 2 : 3;
        int shared = ids;
        List<List<Actor>> parallel = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            List<Actor> calls = new ArrayList<>();
            List<Integer> mine = new ArrayList<>();
            endedElsewhere = Set.copyOf(ended);
            for (int id = 0; id < shared; id++) {
                mine.add(id);
            }
            for (int i = 0; i < 6 / threads; i++) {
                calls.add(next.call(mine));
            }
            parallel.add(calls);
        }
        return new ExecutionScenario(before, parallel, new ArrayList<>(after), null);
    }

    // ---- decisions

    /** Prepares some connections (leased, idle, or being dialed) and some waiters. */
    private List<Actor> preparationOfDecisions() {
        List<Actor> calls = new ArrayList<>();
        int connections = random.nextInt(3);
        for (int dial = 0; dial < connections; dial++) {
            calls.add(call("acquire", ids++, random.nextInt(2), false));
            if (chance(80)) {
                calls.add(call("dialEnds", dial, true));
                if (chance(50)) {
                    calls.add(call("release", ids - 1));
                }
            } else {
                dials.add(dial);
            }
        }
        int waiting = random.nextInt(3);
        for (int waiter = 0; waiter < waiting; waiter++) {
            dials.add(connections + waiter);
            calls.add(call("acquire", ids++, random.nextInt(2), chance(40)));
        }
        return calls;
    }

    private Actor decision(List<Integer> mine) {
        int kind = random.nextInt(100);
        if (kind < 12) {
            return call("acquire", own(mine), random.nextInt(2), false);
        }
        if (kind < 30) {
            return call("tryAcquire", own(mine), random.nextInt(2));
        }
        if (kind < 65 && !mine.isEmpty()) {
            return kind < 38 ? call("cancel", any(mine)) : end(kind < 58 ? "release" : "invalidate", mine);
        }
        if (kind < 75 && !dials.isEmpty()) {
            return call("dialEnds", dials.remove(random.nextInt(dials.size())), chance(60));
        }
        // One tick only: after two, a close that another thread has just begun would be overdue.
        if (kind < 82 && !ticked) {
            ticked = true;
            return call("tick");
        }
        if (kind < 86) {
            return call("counts");
        }
        if (kind < 92) {
            return kind < 89 ? call("evict", random.nextInt(2)) : call("limit", 1 + random.nextInt(2));
        }
        if (kind < 96) {
            return call("peerCloses", random.nextInt(2));
        }
        return call(kind < 97 ? "closeManager" : "drainManager");
    }

    private Actor sharedDecision(List<Integer> mine) {
        if (chance(15)) {
            return call("capacity", random.nextInt(2), random.nextInt(4));
        }
        Actor decided = decision(mine);
        boolean isEnd = Set.of("closeManager", "drainManager")
                .contains(decided.getMethod().getName());
        return isEnd ? call("counts") : decided;
    }

    /**
     * Only one thread ends a lease. A second thread would be told at once that the lease has ended, before the manager
     * hears of it from the first; a third thread could then see the lease as not ended. jcstress tests two ends of one
     * lease.
     */
    private Actor end(String how, List<Integer> mine) {
        List<Integer> own =
                mine.stream().filter(id -> !endedElsewhere.contains(id)).toList();
        if (own.isEmpty()) {
            return call("counts");
        }
        int id = any(own);
        ended.add(id);
        return call(how, id);
    }

    // ---- losses

    private List<Actor> preparationOfLosses() {
        List<Actor> calls = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            calls.add(call("acquire", ids++, random.nextInt(2), false));
        }
        if (chance(60)) {
            calls.add(call("begin"));
            calls.add(call("release", random.nextInt(ids)));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            int kind = random.nextInt(3);
            int id = ids++;
            int endpoint = random.nextInt(2);
            calls.add(
                    kind == 0
                            ? call("acquire", id, endpoint, chance(50))
                            : call(kind == 1 ? "call" : "use", id, endpoint));
        }
        return calls;
    }

    private Actor loss(List<Integer> mine) {
        int kind = random.nextInt(100);
        if (kind < 20) {
            return kind < 8
                    ? call("acquire", own(mine), random.nextInt(2), chance(30))
                    : call(kind < 14 ? "call" : "use", own(mine), random.nextInt(2));
        }
        if (kind < 28) {
            return call("tryAcquire", own(mine), random.nextInt(2));
        }
        if (kind < 65 && !mine.isEmpty()) {
            if (kind < 36) {
                return call("pass", any(mine), random.nextInt(2));
            }
            return call(kind < 44 ? "giveUp" : kind < 58 ? "release" : "invalidate", any(mine));
        }
        if (kind < 75) {
            return call(kind < 70 ? "peerCloses" : "peerSpeaks", random.nextInt(2));
        }
        if (kind < 80) {
            return kind < 77 ? call("tick") : call(kind < 79 ? "evict" : "limit", 1);
        }
        return call(kind < 94 ? "runTask" : kind < 97 ? "closeManager" : "drainManager");
    }

    // ---- parts

    private int own(List<Integer> mine) {
        mine.add(ids);
        return ids++;
    }

    private int any(List<Integer> mine) {
        return mine.get(random.nextInt(mine.size()));
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private Actor call(String name, Object... arguments) {
        Method method = Arrays.stream(calls.getMethods())
                .filter(each -> each.getName().equals(name) && each.getParameterCount() == arguments.length)
                .findFirst()
                .orElseThrow();
        return new Actor(method, List.of(arguments));
    }
}
