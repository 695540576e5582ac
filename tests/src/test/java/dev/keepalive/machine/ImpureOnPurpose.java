package dev.keepalive.machine;

import dev.keepalive.ConnectionManager;
import java.util.concurrent.locks.ReentrantLock;

/** A class that breaks the rule that the machine is pure. It shows that the rule can fail. */
public final class ImpureOnPurpose {
    private final ReentrantLock lock = new ReentrantLock();
    private final Thread thread = Thread.currentThread();

    /** Uses a type of the API that is not a value. */
    public String use(ConnectionManager<?> manager) {
        return manager.toString() + lock + thread;
    }
}
