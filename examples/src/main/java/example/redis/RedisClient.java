package example.redis;

import dev.keepalive.AcquireException;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.netty.RequestException;
import dev.keepalive.netty.RequestResponse;
import dev.keepalive.netty.Requests;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.redis.*;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Stream;

/** A Redis client. Calls block, on platform and virtual threads, and outlast a restart of the server. */
public record RedisClient(
        ConnectionManager<Requests<RedisMessage, RedisMessage>> connections, Endpoint redis, Duration pause) {
    public static final RequestResponse<RedisMessage, RedisMessage> RESP = RequestResponse.of(
            RedisMessage.class, // what the codec makes of an answer
            pipeline -> pipeline.addLast(new RedisDecoder(), new RedisBulkStringAggregator())
                    .addLast(new RedisArrayAggregator(1 << 20, 8), new RedisEncoder()));
    private static final Set<String> ONLY_READ = Set.of("ECHO", "EXISTS", "GET", "MGET", "PING", "TTL");

    /** Sends a command, if need be again: if nothing of it was sent, or it only reads. */
    public Object call(String... command) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                RedisMessage answer = connections.blocking().use(redis, lease -> lease.connection()
                        .call(request(command)));
                try {
                    return value(answer);
                } finally {
                    ReferenceCountUtil.release(answer);
                }
            } catch (RequestException | AcquireException.DialFailed failure) {
                boolean unsent = !(failure instanceof RequestException lost) || lost.isUnsent();
                if (attempt == 200 || !unsent && !ONLY_READ.contains(command[0])) throw failure;
            }
            Thread.sleep(pause.toMillis());
        }
    }

    static RedisMessage request(String... command) {
        Stream<RedisMessage> words = Stream.of(command)
                .map(word -> new FullBulkStringRedisMessage(Unpooled.copiedBuffer(word, StandardCharsets.UTF_8)));
        return new ArrayRedisMessage(words.toList());
    }

    private static Object value(RedisMessage answer) {
        if (answer instanceof ErrorRedisMessage no) throw new IllegalArgumentException(no.content());
        if (answer instanceof SimpleStringRedisMessage text) return text.content();
        if (answer instanceof IntegerRedisMessage number) return number.value();
        if (answer instanceof ArrayRedisMessage list)
            return list.children().stream().map(RedisClient::value).toList();
        var bulk = (FullBulkStringRedisMessage) answer;
        return bulk.isNull() ? null : bulk.content().toString(StandardCharsets.UTF_8);
    }
}
