package dev.keepalive.machine;

/**
 * Pauses endpoints whose dials fail. After the first failure the next dial may begin at once; from the second in a row, the endpoint is paused, each
 * time for twice as long, and then tried with one dial at a time until one succeeds.
 */
final class BackOff {
    private static final int MOST_DOUBLINGS = 62;

    private final Rules rules;
    private final IndexedHeap<IndexedHeap.Entry> deadlines;
    private final Spread jitter;

    BackOff(Rules rules, IndexedHeap<IndexedHeap.Entry> deadlines) {
        this.rules = rules;
        this.deadlines = deadlines;
        this.jitter = new Spread(rules.seed());
    }

    /** The slot's dial has failed. */
    void failed(Slot slot, long now, long event) {
        EndpointState endpoint = slot.home;
        Health health = endpoint.health;
        if (health == null) {
            health = new Health(endpoint, slot);
            endpoint.health = health;
        } else {
            health.lastFailed = slot;
            if (slot.freeSince < health.failedIn) {
                return; // it was under way already when the last one failed, and says nothing new
            }
            health.failures++;
            health.paused = true;
        }
        health.failedIn = event;
        long wait = health.paused ? pause(health.failures, event) : rules.maxBackOff();
        set(health, now, wait);
    }

    /** One of the endpoint's dials has succeeded, or nobody may dial any more. */
    void forget(EndpointState endpoint) {
        Health health = endpoint.health;
        if (health != null) {
            deadlines.remove(health);
            endpoint.health = null;
        }
    }

    /** The pause is over, or the failures are old enough to be forgotten. */
    void isOver(Health health, long now) {
        if (health.paused) {
            health.paused = false;
            set(health, now, rules.maxBackOff());
        } else if (health.home.dials() > 0) {
            set(health, now, rules.maxBackOff()); // one is being tried just now
        } else {
            forget(health.home);
        }
    }

    private long pause(int failures, long event) {
        int doublings = Math.min(failures - 2, MOST_DOUBLINGS);
        long most = rules.maxBackOff();
        long whole = rules.backOff() > most >> doublings ? most : rules.backOff() << doublings;
        return Math.max(1, jitter.between(whole / 2, whole, event));
    }

    private void set(Health health, long now, long wait) {
        deadlines.remove(health);
        health.until(wait < Long.MAX_VALUE - now ? now + wait : Long.MAX_VALUE);
        deadlines.add(health);
    }
}
