package dev.keepalive.bench.contenders;

/** What a contender is measured for. */
public enum Kind {
    /** The manager of this project. */
    OURS,
    /** Has keys, limits and a line of asynchronous waiters: what the goals compare with. */
    SAME_JOB,
    /** The fastest things of their kind, without keys, limits or asynchronous waiters. */
    OTHER,
    /** What the machine can do at all. */
    FLOOR
}
