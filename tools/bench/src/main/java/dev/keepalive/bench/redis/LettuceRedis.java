package dev.keepalive.bench.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import org.jspecify.annotations.Nullable;

/** Lettuce, whose threads share one connection: it sends commands without waiting for the answers before. */
final class LettuceRedis implements RedisContender {
    private final RedisClient client;
    private final StatefulRedisConnection<String, String> connection;

    LettuceRedis(int port) {
        client = RedisClient.create(RedisURI.create("127.0.0.1", port));
        connection = client.connect();
    }

    @Override
    public void set(String key, String value) {
        connection.sync().set(key, value);
    }

    @Override
    public @Nullable String get(String key) {
        return connection.sync().get(key);
    }

    @Override
    public void close() {
        connection.close();
        client.shutdown();
    }
}
