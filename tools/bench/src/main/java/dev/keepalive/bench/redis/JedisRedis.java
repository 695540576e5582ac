package dev.keepalive.bench.redis;

import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.RedisClient;

/** Jedis, with its pool. */
final class JedisRedis implements RedisContender {
    private final RedisClient jedis;

    JedisRedis(int port, int limit) {
        ConnectionPoolConfig pool = new ConnectionPoolConfig();
        pool.setMaxTotal(limit);
        pool.setMaxIdle(limit);
        jedis = RedisClient.builder()
                .hostAndPort("127.0.0.1", port)
                .poolConfig(pool)
                .build();
    }

    @Override
    public void set(String key, String value) {
        jedis.set(key, value);
    }

    @Override
    public @Nullable String get(String key) {
        return jedis.get(key);
    }

    @Override
    public void close() {
        jedis.close();
    }
}
