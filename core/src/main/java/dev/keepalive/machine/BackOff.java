package dev.keepalive.machine;

import org.jspecify.annotations.Nullable;

/**
 * Decides what follows from a failed dial: which waiter is told, and which endpoint is paused. After the first failure,
 * the next dial may begin at once. From the second failure in a row, the endpoint is paused, each time for twice as
 * long. After a pause it is tried with one dial at a time until one succeeds.
 */
final class BackOff {
    private static final int MOST_DOUBLINGS = 62;

    private final MachineConfig config;
    private final IndexedHeap<IndexedHeap.Entry> deadlines;
    private final SlotTransitions transitions;
    private final WaitQueues waitQueues;
    private final Admission admission;
    private final Stagger jitter;

    BackOff(
            MachineConfig config,
            IndexedHeap<IndexedHeap.Entry> deadlines,
            SlotTransitions transitions,
            WaitQueues waitQueues,
            Admission admission) {
        this.config = config;
        this.deadlines = deadlines;
        this.transitions = transitions;
        this.waitQueues = waitQueues;
        this.admission = admission;
        this.jitter = new Stagger(config.seed());
    }

    /**
     * What is remembered of an endpoint whose dials fail: from the first failure until a success, or until no dial was
     * under way for some time.
     */
    static final class DialHealth implements IndexedHeap.Entry {
        final EndpointState home;

        /** The latest slot whose dial failed. It knows the cause. */
        Slot lastFailed;

        /** How many dials have failed in a row. Dials that were under way at the same time count once. */
        private int failures = 1;

        /** The event of the last failure that was counted. */
        private long failedIn;

        /** True while nothing is dialed. */
        boolean paused;

        /** When the pause ends; without a pause, when the failures are forgotten. */
        private long until;

        private int heapIndex = IndexedHeap.ABSENT;

        private DialHealth(EndpointState home, Slot failed) {
            this.home = home;
            this.lastFailed = failed;
        }

        /** True from the second failure in a row: the endpoint is tried with one dial at a time. */
        boolean isSuspect() {
            return failures > 1;
        }

        @Override
        public long key() {
            return until;
        }

        @Override
        public int heapIndex() {
            return heapIndex;
        }

        @Override
        public void heapIndex(int index) {
            heapIndex = index;
        }
    }

    // ---- dials that fail

    /** A slot's dial has failed, and nothing of it is open. */
    void dialFailed(Slot slot, DialResult result, long now, long event) {
        if (result == DialResult.OUT_OF_RESOURCES) {
            outOfResources(slot, now);
        } else {
            dialFailed(slot, AcquireOutcome.DIAL_FAILED, now, event);
            transitions.gone(slot, now);
        }
    }

    /** A slot's dial has taken too long. The caller ends the dial. */
    void dialTimedOut(Slot slot, long now, long event) {
        dialFailed(slot, AcquireOutcome.DIAL_TIMED_OUT, now, event);
    }

    /**
     * A slot's dial has succeeded, but its connection was dead before it could serve a waiter. To the waiter that is a
     * failed dial, and so it is to the endpoint: a server that closes each connection at once must not be dialed again
     * and again for one waiter. The caller has ended the slot.
     */
    void openedDead(Slot slot, @Nullable Waiter cause, long now, long event) {
        waitQueues.tell(cause, AcquireOutcome.DIAL_FAILED, slot);
        countFailure(slot, now, event);
    }

    private void dialFailed(Slot slot, AcquireOutcome outcome, long now, long event) {
        waitQueues.tell(slot.cause(), outcome, slot);
        countFailure(slot, now, event);
    }

    /**
     * A slot's dial has failed because the host had no resources. The waiter that caused the dial gets a second dial if
     * there is an idle connection, which will make way, since there is no room below the ceiling. The failure does not
     * count against the endpoint.
     */
    private void outOfResources(Slot slot, long now) {
        Waiter cause = slot.cause();
        if (cause != null && !cause.triedAgain && !admission.idle.isEmpty()) {
            cause.triedAgain = true;
        } else {
            waitQueues.tell(cause, AcquireOutcome.DIAL_FAILED, slot);
        }
        transitions.gone(slot, now);
        admission.ceiling.lower(admission.open, now);
    }

    // ---- pauses

    private void countFailure(Slot slot, long now, long event) {
        EndpointState endpoint = slot.home;
        admission.setProven(endpoint, false);
        DialHealth health = endpoint.health();
        if (health == null) {
            health = new DialHealth(endpoint, slot);
            endpoint.health(health);
        } else {
            health.lastFailed = slot;
            if (slot.freeSince < health.failedIn) {
                return; // this dial was under way when the last failure was counted: the same failure
            }
            health.failures++;
            health.paused = true;
        }
        health.failedIn = event;
        long wait = health.paused ? pause(health.failures, event) : config.maxBackOff();
        setDeadline(health, now, wait);
    }

    /** One of the endpoint's dials has succeeded. */
    void dialSucceeded(EndpointState endpoint) {
        forget(endpoint);
        admission.setProven(endpoint, true);
    }

    /** Forgets the failures. */
    void forget(EndpointState endpoint) {
        DialHealth health = endpoint.health();
        if (health != null) {
            deadlines.remove(health);
            endpoint.forgetHealth();
        }
    }

    /** The pause is over, or the failures are old enough to be forgotten. */
    void deadlineReached(DialHealth health, long now) {
        if (health.paused) {
            health.paused = false;
            setDeadline(health, now, config.maxBackOff());
        } else if (health.home.dials() > 0) {
            setDeadline(health, now, config.maxBackOff()); // a dial is under way
        } else {
            forget(health.home);
        }
    }

    private long pause(int failures, long event) {
        int doublings = Math.min(failures - 2, MOST_DOUBLINGS);
        long most = config.maxBackOff();
        long whole = config.backOff() > most >> doublings ? most : config.backOff() << doublings;
        return Math.max(1, jitter.between(whole / 2, whole, event));
    }

    private void setDeadline(DialHealth health, long now, long wait) {
        deadlines.remove(health);
        health.until = wait < Long.MAX_VALUE - now ? now + wait : Long.MAX_VALUE;
        deadlines.add(health);
    }
}
