package dev.keepalive.bench.redis;

import dev.keepalive.bench.slices.ThreadClient;
import org.jspecify.annotations.Nullable;

/** A client of Redis that many threads share. Its methods block. */
interface RedisContender extends AutoCloseable {
    /** Stores a value. */
    void set(String key, String value) throws Exception;

    /** The value; null if there is none. */
    @Nullable
    String get(String key) throws Exception;

    @Override
    void close();

    /** A thread that stores a value, reads it, and stores the next. It notices an answer that belongs to another. */
    default ThreadClient newClient(int number) {
        String key = "bench:" + number;
        return new ThreadClient() {
            private long stored;
            private boolean isStored;

            @Override
            public void request() throws Exception {
                if (isStored) {
                    String value = get(key);
                    if (!Long.toString(stored).equals(value)) {
                        throw new IllegalStateException(key + " is " + value + ", and " + stored + " was stored");
                    }
                } else {
                    set(key, Long.toString(++stored));
                }
                isStored = !isStored;
            }
        };
    }
}
