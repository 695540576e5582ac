package dev.keepalive.machine;

import dev.keepalive.ConnectionManager;
import java.util.concurrent.locks.ReentrantLock;

/** What must not be in the machine: shows that the rule against it can fail. */
public final class ImpureOnPurpose {
    private final ReentrantLock lock = new ReentrantLock();
    private final Thread thread = Thread.currentThread();

    /** Knows the API beyond its values. */
    public String knows(ConnectionManager<?> manager) {
        return manager.toString() + lock + thread;
    }
}
