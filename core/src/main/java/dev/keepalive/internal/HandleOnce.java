package dev.keepalive.internal;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The handle of a lease, which is made when it is first needed. Two threads that need it at the same time may both make
 * one; both get the one that is stored first. Safe from any thread; never blocks.
 */
final class HandleOnce<C> {
    private final AtomicReference<@Nullable C> handle = new AtomicReference<>();

    C get(Supplier<C> maker) {
        C present = handle.get();
        if (present != null) {
            return present;
        }
        C made = maker.get();
        C stored = handle.compareAndExchange(null, made);
        return stored == null ? made : stored;
    }
}
