package dev.keepalive.netty;

import static dev.keepalive.netty.OddNameServer.PLAIN;
import static dev.keepalive.netty.OddNameServer.RESPONSE;
import static dev.keepalive.netty.OddNameServer.TRUNCATED;
import static dev.keepalive.netty.OddNameServer.address;
import static dev.keepalive.netty.OddNameServer.alias;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.spi.DialException;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Name servers that are dead, slow, odd or hostile. A name server has a minute to answer, much longer than a test waits
 * for a result: so a test passes only if no server is waited for in vain.
 */
class DnsClientTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final Transport transport = Transport.best();
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, transport.ioHandlerFactory());
    private final EventLoop loop = loops.next();

    @AfterEach
    void stopLoops() {
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    // ---- servers that fail

    @Test
    void ifTheFirstServerDoesNotRunTheSecondIsAskedAtOnce() throws Exception {
        try (OddNameServer good = OddNameServer.start(query -> query.ipv4("10.0.0.1"))) {
            DnsClient client = client(ResolverSettings.of(OddNameServer.nowhere(), good.address()));

            assertThat(ipv4(client, "a.test")).containsExactly("10.0.0.1");
        }
    }

    static Stream<Arguments> uselessAnswers() {
        return Stream.of(
                Arguments.of("SERVFAIL", behaviour(query -> query.answer(PLAIN | 2))),
                Arguments.of("REFUSED", behaviour(query -> query.answer(PLAIN | 5))),
                Arguments.of("NOTIMP", behaviour(query -> query.answer(PLAIN | 4))),
                Arguments.of("FORMERR", behaviour(query -> query.answer(PLAIN | 1))),
                Arguments.of("FORMERR without the question", behaviour(query -> header(query, 0x80, 0x81))),
                Arguments.of("an unknown code", behaviour(query -> query.answer(PLAIN | 11))),
                Arguments.of("lame", behaviour(query -> query.answer(RESPONSE))),
                Arguments.of("half a record", behaviour(query -> Arrays.copyOf(query.ipv4("10.6.6.6"), 36))),
                Arguments.of("garbage", behaviour(query -> garbage(query))),
                Arguments.of("a header only", behaviour(query -> Arrays.copyOf(query.bytes(), 12))),
                Arguments.of("the query itself", behaviour(OddNameServer.Query::bytes)),
                Arguments.of("a name without an end", behaviour(DnsClientTest::nameWithoutEnd)),
                Arguments.of(
                        "truncated and closed over TCP",
                        behaviour(query -> query.overTcp() ? null : query.answer(PLAIN | TRUNCATED))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("uselessAnswers")
    void ifTheFirstServerGivesNoUsefulAnswerTheSecondIsAskedAtOnce(String what, OddNameServer.Behaviour behaviour)
            throws Exception {
        try (OddNameServer odd = OddNameServer.start(behaviour);
                OddNameServer good = OddNameServer.start(query -> query.ipv4("10.0.0.1"))) {
            DnsClient client = client(ResolverSettings.of(odd.address(), good.address()));

            assertThat(ipv4(client, "a.test")).containsExactly("10.0.0.1");
            assertThat(odd.queries).isNotEmpty();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("uselessAnswers")
    void ifNoServerGivesAUsefulAnswerTheFailureIsTemporaryAndNotKept(String what, OddNameServer.Behaviour behaviour)
            throws Exception {
        try (OddNameServer odd = OddNameServer.start(behaviour)) {
            DnsClient client = client(ResolverSettings.of(odd.address()));

            DialException failure = failure(client, "a.test");
            int asked = odd.queries.size();
            failure(client, "a.test");

            assertThat(failure.errorNumber()).isEqualTo(-3);
            assertThat(failure.getCause()).hasMessage("a.test: no name server could look it up");
            assertThat(failure.getCause().getCause())
                    .isInstanceOf(NameServerException.class)
                    .hasMessageStartingWith(
                            "name server 127.0.0.1 port " + odd.address().getPort() + " ");
            assertThat(odd.queries.size()).isGreaterThan(asked);
        }
    }

    @Test
    void aServerThatFailedIsAskedLastUntilItAnswers() throws Exception {
        try (OddNameServer first = OddNameServer.start(query ->
                        query.name().equals("refused.test") ? query.answer(PLAIN | 5) : query.ipv4("10.0.0.1"));
                OddNameServer second = OddNameServer.start(
                        query -> query.name().equals("odd.test") ? query.answer(PLAIN | 5) : query.ipv4("10.0.0.2"))) {
            DnsClient client = client(ResolverSettings.of(first.address(), second.address()));

            assertThat(ipv4(client, "refused.test")).containsExactly("10.0.0.2");
            assertThat(ipv4(client, "a.test")).containsExactly("10.0.0.2");
            assertThat(ipv4(client, "odd.test")).containsExactly("10.0.0.1");
            assertThat(ipv4(client, "b.test")).containsExactly("10.0.0.1");
            assertThat(first.queriesOf("a.test")).isZero();
        }
    }

    @Test
    void aServerThatFailsForOneNameIsStillAskedFirstForOthers() throws Exception {
        try (OddNameServer first = OddNameServer.start(query ->
                        query.name().equals("broken.test") ? query.answer(PLAIN | 2) : query.ipv4("10.0.0.1"));
                OddNameServer second = OddNameServer.start(query -> query.ipv4("10.0.0.2"))) {
            DnsClient client = client(ResolverSettings.of(first.address(), second.address()));

            assertThat(ipv4(client, "broken.test")).containsExactly("10.0.0.2");
            assertThat(ipv4(client, "a.test")).containsExactly("10.0.0.1");
        }
    }

    @Test
    void ofTwoServersTheOneThatIsSilentCostsItsTimeOnce() throws Exception {
        try (OddNameServer silent = OddNameServer.silent();
                OddNameServer good = OddNameServer.start(query -> query.ipv4("10.0.0.1"))) {
            DnsClient client =
                    client(ResolverSettings.of(silent.address(), good.address()).withTimeout(Duration.ofMillis(50)));

            for (int i = 0; i < 5; i++) {
                assertThat(ipv4(client, "a" + i + ".test")).containsExactly("10.0.0.1");
            }
            assertThat(silent.queries).hasSize(1);
        }
    }

    @Test
    void aQueryThatWasLostIsSentAgain() throws Exception {
        try (OddNameServer lossy = OddNameServer.start(new OddNameServer.Behaviour() {
            private int count;

            @Override
            public byte[] answer(OddNameServer.Query query) {
                return ++count == 1 ? null : query.ipv4("10.0.0.1");
            }
        })) {
            DnsClient client = client(ResolverSettings.of(lossy.address()).withTimeout(Duration.ofMillis(50)));

            assertThat(ipv4(client, "a.test")).containsExactly("10.0.0.1");
        }
    }

    @Test
    void anAnswerToAnotherQueryIsIgnored() throws Exception {
        try (OddNameServer odd = OddNameServer.start(query -> {
                    byte[] forged = query.ipv4("10.6.6.6");
                    forged[0] ^= 1;
                    return forged;
                });
                OddNameServer good = OddNameServer.start(query -> query.ipv4("10.0.0.1"))) {
            DnsClient client =
                    client(ResolverSettings.of(odd.address(), good.address()).withTimeout(Duration.ofMillis(50)));

            assertThat(ipv4(client, "a.test")).containsExactly("10.0.0.1");
        }
    }

    @Test
    void aCancelledLookupAsksNoMoreAndLeavesNoSocket() throws Exception {
        try (OddNameServer silent = OddNameServer.silent();
                OddNameServer other = OddNameServer.start(query -> query.ipv4("10.0.0.1"))) {
            DnsClient client = client(ResolverSettings.of(silent.address(), other.address()));
            Future<List<InetAddress>> lookup = begin(client.ipv4(), "a.test");
            await().until(() -> !silent.queries.isEmpty());

            lookup.cancel(false);

            await().until(() -> isFree(silent.ports.get(0)));
            assertThat(other.queries).isEmpty();
        }
    }

    @Test
    void aLookupThatIsAnsweredLeavesNoSocket() throws Exception {
        try (OddNameServer server = OddNameServer.start(
                query -> query.overTcp() ? query.ipv4("10.0.0.1") : query.answer(PLAIN | TRUNCATED))) {
            ipv4(client(ResolverSettings.of(OddNameServer.nowhere(), server.address())), "a.test");

            await().until(() -> isFree(server.ports.get(0)));
        }
    }

    // ---- what answers say

    @Test
    void anUnknownNameIsKeptAsUnknown() throws Exception {
        try (OddNameServer server = OddNameServer.start(query -> query.answer(PLAIN | 3));
                OddNameServer other = OddNameServer.start(query -> query.ipv4("10.0.0.1"))) {
            DnsClient client = client(ResolverSettings.of(server.address(), other.address()));

            assertThat(failure(client, "a.test").errorNumber()).isEqualTo(-2);
            assertThat(failure(client, "A.test").errorNumber()).isEqualTo(-2);
            assertThat(server.queries).hasSize(1);
            assertThat(other.queries).isEmpty();
        }
    }

    @Test
    void whatOneServerSaysOfANameCountsThoughAnotherFailed() throws Exception {
        try (OddNameServer server = OddNameServer.start(
                query -> query.name().equals("six.test") ? query.none() : query.answer(PLAIN | 3))) {
            DnsClient client = client(ResolverSettings.of(OddNameServer.nowhere(), server.address()));

            assertThat(failure(client, "a.test").errorNumber()).isEqualTo(-2);
            assertThat(failure(client, "six.test").errorNumber()).isEqualTo(-2);
            assertThat(failure(client, "a.test").errorNumber()).isEqualTo(-2);
            assertThat(server.queriesOf("a.test")).isEqualTo(1);
        }
    }

    @Test
    void anAnswerThatDoesNotFitIsFetchedOverTcp() throws Exception {
        String[] all = IntStream.range(0, 200).mapToObj(i -> "10.0.1." + i).toArray(String[]::new);
        try (OddNameServer server = OddNameServer.start(
                query -> query.overTcp() ? query.ipv4(all) : query.answer(PLAIN | TRUNCATED, address("10.0.0.9")))) {
            DnsClient client = client(ResolverSettings.of(server.address()));

            assertThat(ipv4(client, "a.test")).hasSize(16).containsExactly(Arrays.copyOf(all, 16));
        }
    }

    @Test
    void ifTcpFailsTheTruncatedAnswerIsUsed() throws Exception {
        try (OddNameServer server = OddNameServer.start(
                query -> query.overTcp() ? null : query.answer(PLAIN | TRUNCATED, address("10.0.0.9")))) {
            assertThat(ipv4(client(ResolverSettings.of(server.address())), "a.test"))
                    .containsExactly("10.0.0.9");
        }
    }

    @Test
    void aliasesAreFollowedWithinTheAnswerAndBeyondIt() throws Exception {
        try (OddNameServer server = OddNameServer.start(query -> switch (query.name()) {
            case "within.test" -> query.answer(PLAIN, alias("b.test"), address("b.test", "10.0.0.1"));
            case "beyond.test" -> query.answer(PLAIN, alias("c.test"));
            case "c.test" -> query.ipv4("10.0.0.2");
            case "ends.test" -> query.none(alias("d.test"));
            default -> query.answer(PLAIN, alias(query.name()));
        })) {
            DnsClient client = client(ResolverSettings.of(server.address()));

            assertThat(ipv4(client, "within.test")).containsExactly("10.0.0.1");
            assertThat(ipv4(client, "beyond.test")).containsExactly("10.0.0.2");
            assertThat(failure(client, "ends.test").errorNumber()).isEqualTo(-2);
            assertThat(server.queriesOf("d.test")).isZero();
            assertThat(failure(client, "circle.test").getCause()).hasMessageContaining("a circle of them");
        }
    }

    @Test
    void anAddressOfANameThatWasNotAskedForIsNotTaken() throws Exception {
        try (OddNameServer server = OddNameServer.start(
                query -> query.answer(PLAIN, address("other.test", "10.6.6.6"), address("10.0.0.1")))) {
            DnsClient client = client(ResolverSettings.of(server.address()));

            assertThat(ipv4(client, "a.test")).containsExactly("10.0.0.1");
        }
    }

    @Test
    void aNameWithFewDotsIsLookedUpInTheSearchDomains() throws Exception {
        try (OddNameServer server = OddNameServer.start(query -> switch (query.name()) {
            case "a.two.test" -> query.ipv4("10.0.0.2");
            case "a.b" -> query.ipv4("10.0.0.3");
            case "only-ipv6.one.test" -> query.none();
            case "only-ipv6.two.test" -> query.ipv4("10.6.6.6");
            default -> query.answer(PLAIN | 3);
        })) {
            DnsClient client = client(ResolverSettings.of(server.address()).withSearchDomains("one.test", "two.test"));

            assertThat(ipv4(client, "a")).containsExactly("10.0.0.2");
            assertThat(ipv4(client, "a.b")).containsExactly("10.0.0.3");
            assertThat(failure(client, "a.").errorNumber()).isEqualTo(-2);
            assertThat(failure(client, "only-ipv6").errorNumber())
                    .as("the name exists in the first domain, so the other one is another host")
                    .isEqualTo(-2);
        }
    }

    @Test
    void aTextThatIsNoNameIsNotAskedFor() throws Exception {
        try (OddNameServer server = OddNameServer.silent()) {
            DnsClient client = client(ResolverSettings.of(server.address()));

            for (String text : List.of("a..test", "a b.test", "x".repeat(64) + ".test", "é.test", "\\065.test")) {
                assertThat(failure(client, text).errorNumber()).isEqualTo(-2);
            }
            assertThat(server.queries).isEmpty();
        }
    }

    @Test
    void eachQueryHasAPortOfItsOwn() throws Exception {
        try (OddNameServer server = OddNameServer.start(query -> query.ipv4("10.0.0.1"))) {
            DnsClient client = client(ResolverSettings.of(server.address()));
            for (int i = 0; i < 40; i++) {
                ipv4(client, "a" + i + ".test");
            }

            assertThat(server.ports).hasSize(40);
            assertThat(new HashSet<>(server.ports))
                    .as("by chance, a few may be equal")
                    .hasSizeGreaterThan(30);
            assertThat(server.queries.stream()
                            .map(query -> query.bytes()[0] << 8 | query.bytes()[1] & 0xff)
                            .distinct())
                    .hasSizeGreaterThan(30);
        }
    }

    // ---- helpers

    private static OddNameServer.Behaviour behaviour(OddNameServer.Behaviour behaviour) {
        return behaviour;
    }

    private static byte[] header(OddNameServer.Query query, int flags, int more) {
        byte[] bytes = new byte[12];
        System.arraycopy(query.bytes(), 0, bytes, 0, 2);
        bytes[2] = (byte) flags;
        bytes[3] = (byte) more;
        return bytes;
    }

    private static boolean isFree(int port) {
        try (DatagramSocket socket = new DatagramSocket(port, InetAddress.getByName("127.0.0.1"))) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    private static byte[] garbage(OddNameServer.Query query) {
        byte[] bytes = new byte[200];
        Arrays.fill(bytes, (byte) 0xa5);
        System.arraycopy(query.bytes(), 0, bytes, 0, 2);
        return bytes;
    }

    private static byte[] nameWithoutEnd(OddNameServer.Query query) {
        int itself = query.bytes().length;
        byte[] pointer = {(byte) (0xc0 | itself >> 8), (byte) itself, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0};
        return query.answer(PLAIN, pointer);
    }

    private DnsClient client(ResolverSettings settings) {
        ResolverSettings patient =
                settings.timeout().equals(Duration.ofSeconds(5)) ? settings.withTimeout(LONG) : settings;
        return new DnsClient(transport, () -> patient);
    }

    private Future<List<InetAddress>> begin(NameSource source, String host) throws Exception {
        return loop.submit(() -> source.lookUp(host, loop)).get(20, TimeUnit.SECONDS);
    }

    private List<String> ipv4(DnsClient client, String host) throws Exception {
        return begin(client.ipv4(), host).get(20, TimeUnit.SECONDS).stream()
                .map(InetAddress::getHostAddress)
                .toList();
    }

    private DialException failure(DnsClient client, String host) throws Exception {
        Future<List<InetAddress>> lookup = begin(client.ipv4(), host);
        assertThat(lookup.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(lookup.cause()).isInstanceOf(UnknownHostException.class);
        return SystemErrors.of(dev.keepalive.Phase.RESOLVE, lookup.cause());
    }
}
