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
 * Measures W10 of one contender: commands of 64 threads to a real redis-server, beside Jedis with a pool; of the
 * pipelined one, which has one connection, beside Lettuce with one. Each slice has a number of commands. The threads
 * are virtual if this JVM has such threads.
 */
@Command(
        name = "redis",
        sortOptions = false,
        description = "Measures commands of 64 threads to a real redis-server, beside Jedis or Lettuce.")
public final class RedisMeasurement extends PairedMeasurement {
    private static final String YARDSTICK = "jedis";
    private static final String PIPELINED = "keepalive-pipelined";
    private static final String LETTUCE = "lettuce";
    private static final List<String> NAMES = List.of("keepalive", PIPELINED, YARDSTICK, LETTUCE);
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
        boolean pipelined = contender().equals(PIPELINED);
        startSetting(THREADS + " threads" + (pipelined ? ", one connection" : ""));
        String beside = pipelined ? LETTUCE : YARDSTICK;
        try (RedisServer server = RedisServer.start();
                RedisContender other = newContender(beside, server);
                RedisContender contender = newContender(contender(), server);
                ThreadLoad yardstick = threads(other, 0);
                ThreadLoad load = threads(contender, THREADS)) {
            measurePairs(beside, yardstick, load, commands);
        }
    }

    private static RedisContender newContender(String name, RedisServer server) {
        return switch (name) {
            case "keepalive" -> KeepaliveRedis.exclusive(server.port(), CONNECTIONS);
            case PIPELINED -> KeepaliveRedis.pipelined(server.port(), THREADS);
            case YARDSTICK -> new JedisRedis(server.port(), CONNECTIONS);
            case LETTUCE -> new LettuceRedis(server.port());
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
