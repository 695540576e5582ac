package dev.keepalive.bench.redis;

import dev.keepalive.bench.slices.PairedMeasurement;
import dev.keepalive.bench.slices.ResourceUsage;
import dev.keepalive.bench.slices.ThreadClient;
import dev.keepalive.bench.slices.ThreadLoad;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures W10 of one contender: commands of 64 threads to a real redis-server, beside Jedis with a pool. Each slice
 * has a number of commands. The threads are virtual if this JVM has such threads.
 */
@Command(
        name = "redis",
        sortOptions = false,
        description = "Measures commands of 64 threads to a real redis-server, beside Jedis.")
public final class RedisMeasurement extends PairedMeasurement {
    private static final String YARDSTICK = "jedis";
    private static final List<String> NAMES = List.of("keepalive", YARDSTICK, "lettuce");
    private static final int THREADS = 64;
    private static final int CONNECTIONS = 4;

    @Option(
            names = "--commands",
            paramLabel = "N",
            description = "Commands in a slice, of all threads together; default: ${DEFAULT-VALUE}.")
    private int commands = 50_000;

    RedisMeasurement() {
        super("W10");
    }

    /** Runs the program and ends the JVM. */
    public static void main(String... arguments) {
        new RedisMeasurement().runAndExit(arguments);
    }

    @Override
    protected void measure() throws Exception {
        startSetting(THREADS + " threads");
        try (RedisServer server = RedisServer.start();
                RedisContender jedis = newContender(YARDSTICK, server);
                RedisContender contender = newContender(contender(), server);
                ThreadLoad yardstick = threads(jedis, 0);
                ThreadLoad load = threads(contender, THREADS)) {
            measurePairs(YARDSTICK, yardstick, load, commands);
        }
    }

    private static RedisContender newContender(String name, RedisServer server) {
        return switch (name) {
            case "keepalive" -> new KeepaliveRedis(server.port(), CONNECTIONS);
            case YARDSTICK -> new JedisRedis(server.port(), CONNECTIONS);
            case "lettuce" -> new LettuceRedis(server.port());
            default -> throw new IllegalArgumentException("contender '" + name + "' is not known: one of " + NAMES);
        };
    }

    private static ThreadLoad threads(RedisContender contender, int first) {
        List<ThreadClient> clients = IntStream.range(first, first + THREADS)
                .mapToObj(contender::newClient)
                .toList();
        return ThreadLoad.hasVirtualThreads()
                ? ThreadLoad.onVirtualThreads(clients)
                : ThreadLoad.onPlatformThreads(clients, ResourceUsage.NO_LOOP);
    }
}
