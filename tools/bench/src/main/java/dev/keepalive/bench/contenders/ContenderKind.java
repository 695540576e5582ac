package dev.keepalive.bench.contenders;

/** Why a contender is measured. */
public enum ContenderKind {
    /** The manager of this project. */
    OURS("ours"),
    /** A pool with keys, limits and asynchronous waiters: the goals compare with these. */
    SAME_JOB("same job"),
    /** A fast pool that lacks keys, limits or asynchronous waiters. */
    OTHER("other"),
    /** The least work that the task needs. No pool can be cheaper. */
    FLOOR("floor");

    private final String label;

    ContenderKind(String label) {
        this.label = label;
    }

    /** The name in the tables. */
    public String label() {
        return label;
    }
}
