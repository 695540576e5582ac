package example.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireException;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.netty.RequestException;
import dev.keepalive.netty.Requests;
import dev.keepalive.netty.testkit.EmbeddedConnector;
import io.netty.handler.codec.redis.RedisMessage;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The client against a server by script: no socket, no thread, no sleep. */
class RedisClientTest {
    private final EmbeddedConnector<Requests<RedisMessage, RedisMessage>> server =
            EmbeddedConnector.of(RedisClient.RESP.withAnswerTimeout(Duration.ofSeconds(2)));
    private final ConnectionManager<Requests<RedisMessage, RedisMessage>> connections =
            server.managerBuilder().build();
    private final RedisClient client =
            new RedisClient(connections, Endpoint.parse("redis://redis.example:6379"), Duration.ZERO);

    @AfterEach
    void allWasExpectedAndNothingIsLeased() {
        server.check();
        server.leakCheck(connections).check();
    }

    @Test
    void answersOfAllTypesComeOnOneConnection() throws Exception {
        server.nextPeer()
                .expect(command("SET", "k", "v"))
                .send("+OK\r\n")
                .expect(command("GET", "k"))
                .send("$1\r\nv\r\n")
                .expect(command("GET", "none"))
                .send("$-1\r\n")
                .expect(command("INCR", "n"))
                .send(":8\r\n")
                .expect(command("MGET", "k", "none"))
                .send("*2\r\n$1\r\nv\r\n$-1\r\n");
        assertThat(client.call("SET", "k", "v")).isEqualTo("OK");
        assertThat(client.call("GET", "k")).isEqualTo("v");
        assertThat(client.call("GET", "none")).isNull();
        assertThat(client.call("INCR", "n")).isEqualTo(8L);
        assertThat(client.call("MGET", "k", "none")).isEqualTo(Arrays.asList("v", null));
        assertThat(server.peers()).hasSize(1);
    }

    @Test
    void anAnswerMayArriveByteByByte() throws Exception {
        server.nextPeer()
                .splitEvery(1)
                .expect(command("LRANGE", "l", "0", "-1"))
                .send("*2\r\n$1\r\na\r\n$2\r\nbc\r\n");
        assertThat(client.call("LRANGE", "l", "0", "-1")).isEqualTo(List.of("a", "bc"));
        assertThat(server.open()).isEqualTo(1);
    }

    @Test
    void anErrorIsAnAnswerAndTheConnectionIsKept() throws Exception {
        server.nextPeer()
                .expect(command("INCR", "k"))
                .send("-ERR value is not an integer\r\n")
                .expect(command("PING"))
                .send("+PONG\r\n");
        assertThatThrownBy(() -> client.call("INCR", "k")).hasMessage("ERR value is not an integer");
        assertThat(client.call("PING")).isEqualTo("PONG");
    }

    @Test
    void aLostCommandIsSentAgainOnlyIfItMayBeExecutedTwice() throws Exception {
        server.nextPeer().expect(command("GET", "k")).close();
        server.nextPeer()
                .expect(command("GET", "k"))
                .send("$1\r\nv\r\n")
                .expect(command("INCR", "n"))
                .reset();
        assertThat(client.call("GET", "k")).isEqualTo("v");
        assertThatThrownBy(() -> client.call("INCR", "n")).isInstanceOf(RequestException.class);
    }

    @Test
    void aServerThatIsDownForAMomentIsWaitedFor() throws Exception {
        server.nextPeer().refuse();
        server.nextPeer().expect(command("INCR", "n")).send(":1\r\n");
        assertThat(client.call("INCR", "n")).isEqualTo(1L);
    }

    @Test
    void aServerThatStaysDownIsToldAfterManyAttempts() {
        server.nextPeer().refuse();
        server.nextPeer().refuse();
        assertThatThrownBy(() -> client.call("PING")).isInstanceOf(AcquireException.DialFailed.class);
        server.time().advance(Duration.ofSeconds(1));
    }

    @Test
    void anAnswerThatDoesNotComeEndsWithTheAnswerTimeout() {
        var silent = connections.use(client.redis(), lease -> lease.connection().send(RedisClient.request("PING")));
        server.time().advance(Duration.ofSeconds(2));
        assertThat(silent).isCompletedExceptionally();
        server.peers().get(0).expect(command("PING")).expectEnd();
    }

    private static String command(String... words) {
        StringBuilder resp = new StringBuilder("*" + words.length + "\r\n");
        Arrays.stream(words).forEach(word -> resp.append("$" + word.length() + "\r\n" + word + "\r\n"));
        return resp.toString();
    }
}
