package dev.keepalive.http;

import dev.keepalive.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The time at which a call must have its response; none if the request has no timeout. Safe from any thread. */
final class Deadline {
    private static final TimeSource TIME = TimeSource.system();
    private static final long LONGEST = Long.MAX_VALUE / 4;

    private final @Nullable Duration timeout;
    private final long at;
    private @Nullable CompletableFuture<?> alarm;

    Deadline(@Nullable Duration timeout) {
        this.timeout = timeout;
        this.at = timeout == null ? 0 : TIME.nanoTime() + nanos(timeout);
    }

    static long nanos(Duration time) {
        return time.compareTo(Duration.ofNanos(LONGEST)) >= 0 ? LONGEST : time.toNanos();
    }

    boolean isSet() {
        return timeout != null;
    }

    /** The time of the request; null if it has none. */
    @Nullable
    Duration timeout() {
        return timeout;
    }

    boolean isOver() {
        return timeout != null && at - TIME.nanoTime() <= 0;
    }

    /** What is left: at least a nanosecond. Only if it is set. */
    Duration remaining() {
        return Duration.ofNanos(Math.max(1, at - TIME.nanoTime()));
    }

    /** Has this run at the time, unless it is {@link #cancel}led before. Once; on a thread of the JDK's. */
    void onTime(Runnable action) {
        if (timeout == null) {
            return;
        }
        CompletableFuture<@Nullable Object> made = new CompletableFuture<>();
        alarm = made;
        made.completeOnTimeout(null, remaining().toNanos(), TimeUnit.NANOSECONDS)
                .thenRun(action);
    }

    /** It is met. On the thread that called {@link #onTime}, or after it. */
    void cancel() {
        CompletableFuture<?> known = alarm;
        if (known != null) {
            known.cancel(false);
        }
    }
}
