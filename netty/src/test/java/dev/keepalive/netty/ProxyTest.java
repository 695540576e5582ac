package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import dev.keepalive.testkit.FakeTime;
import dev.keepalive.testkit.LeakCheck;
import dev.keepalive.testservers.TestServer;
import io.netty.pkitesting.X509Bundle;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections through proxies: through real ones, and through ones that the test controls byte by byte. */
class ProxyTest extends SocketManagerRig {
    private static final String USER = "test-user";
    private static final String PASSWORD = "Pa55 word";

    /** By their names. Each is started once, since a squid takes seconds to start and to end. */
    private static final Map<String, TestServer> STARTED = new ConcurrentHashMap<>();

    /** Starts a proxy, unless it runs already. */
    interface ProxyStarter {
        TestServer start();
    }

    static Stream<Arguments> proxies() {
        return Stream.of(
                proxy("tinyproxy", "http", TestServer::tinyproxy),
                proxy("squid", "http", TestServer::squid),
                proxy("microsocks", "socks5", TestServer::microsocks),
                proxy("squid with a user", "http", () -> TestServer.squid(USER, PASSWORD)),
                proxy("microsocks with a user", "socks5", () -> TestServer.microsocks(USER, PASSWORD)));
    }

    static Stream<Arguments> proxiesWithUsers() {
        return proxies().filter(proxy -> proxy.get()[0].toString().endsWith("user"));
    }

    private static Arguments proxy(String name, String scheme, ProxyStarter starter) {
        ProxyStarter once = () -> STARTED.computeIfAbsent(name, first -> starter.start());
        return Arguments.of(name, scheme, once);
    }

    @AfterAll
    static void endProxies() {
        STARTED.values().forEach(TestServer::close);
        STARTED.clear();
    }

    /**
     * Behind a proxy the server may see the end of one connection after the beginning of the next. So its high-water
     * mark is not checked.
     */
    @Override
    LeakCheck<NettyConnection> leakCheck() {
        return super.leakCheck().highWater(null);
    }

    private static NettyConnectorBuilder connector() {
        return NettyConnector.builder().credentials("me", USER, PASSWORD).credentials("stranger", USER, "wrong");
    }

    private static Endpoint at(String scheme, TestServer proxy) {
        return Endpoint.of(scheme, "127.0.0.1", proxy.port());
    }

    // ---- real proxies

    @ParameterizedTest(name = "{0}")
    @MethodSource("proxies")
    void aConnectionThroughAProxyIsUsedKeptAndReused(String name, String scheme, ProxyStarter starter)
            throws Exception {
        TestServer proxy = starter.start();
        Endpoint known = at(scheme, proxy);
        endpoint = server.endpoint().withProxy(name.endsWith("user") ? known.withCredentials("me") : known);
        manager(connector(), 4, 2, options -> options);

        Lease<NettyConnection> first = acquired();
        assertThat(first.timings().get(Phase.PROXY)).isPositive();
        exchange(first);
        first.release();
        Lease<NettyConnection> second = acquired();

        assertThat(second.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        exchange(second);
        assertThat(server.total()).isEqualTo(1);
        second.release();
        manager.close();
        leakCheck().checkClosed();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("proxiesWithUsers")
    void aProxyThatRefusesTheCredentialsFailsTheAcquireAndNoPermitIsLost(
            String name, String scheme, ProxyStarter starter) throws Exception {
        TestServer proxy = starter.start();
        manager(connector(), 4, 2, options -> options);
        Endpoint stranger = at(scheme, proxy).withCredentials("stranger");

        for (Endpoint refused : List.of(stranger, at(scheme, proxy))) {
            AcquireException failure = failed(manager.acquire(server.endpoint().withProxy(refused)));

            assertThat(failure).isInstanceOf(AcquireException.DialFailed.class);
            assertThat(failure.phase()).isEqualTo(Phase.PROXY);
            assertThat(failure.getMessage())
                    .contains(scheme.equals("http") ? "407" : "auth")
                    .doesNotContain(PASSWORD)
                    .doesNotContain("wrong");
        }
        assertThat(server.total()).isZero();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("proxies")
    void aRefusalOfTheTargetIsReportedAsAFailureOfTheProxy(String name, String scheme, ProxyStarter starter)
            throws Exception {
        TestServer proxy = starter.start();
        manager(connector(), 4, 2, options -> options);
        Endpoint known = at(scheme, proxy);
        Endpoint refusing =
                PoeRig.withoutServer().withProxy(name.endsWith("user") ? known.withCredentials("me") : known);

        AcquireException failure = failed(manager.acquire(refusing));

        assertThat(failure).isInstanceOf(AcquireException.DialFailed.class);
        assertThat(failure.phase()).isEqualTo(Phase.PROXY);
    }

    @Test
    void theRefusalOfAProxyThatAllowsConnectToPort443OnlySaysSo() throws Exception {
        try (TestServer proxy = TestServer.squidForHttps()) {
            manager(4, 2);
            Endpoint through = at("http", proxy);

            AcquireException failure = failed(manager.acquire(endpoint.withProxy(through)));

            assertThat(failure.phase()).isEqualTo(Phase.PROXY);
            assertThat(failure.errorText())
                    .startsWith("proxy " + through + " answered \"HTTP/1.1 403 Forbidden\"")
                    .contains("many proxies allow CONNECT to port 443 only");
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("proxies")
    void namesAreLookedUpAtTheProxyAndNowhereElse(String name, String scheme, ProxyStarter starter) throws Exception {
        FakeResolver resolver = new FakeResolver();
        TestServer proxy = starter.start();
        Endpoint known = at(scheme, proxy);
        Endpoint byName = Endpoint.of("line0", "localhost", server.endpoint().port());
        endpoint = byName.withProxy(name.endsWith("user") ? known.withCredentials("me") : known);
        manager(connector().resolver(resolver), 4, 2, options -> options);

        Lease<NettyConnection> lease = acquired();
        exchange(lease);

        lease.release();
        assertThat(resolver.queries).hasValue(0);
        manager.close();
        leakCheck().checkClosed();
    }

    @Test
    void aProxyMayBeReachedThroughAnotherOneAndOverTls() throws Exception {
        X509Bundle identity = Certificates.ofServer(Certificates.NAME);
        try (TestServer far = TestServer.microsocks();
                TestServer near = TestServer.tinyproxy();
                TestServer secure = TestServer.stunnel(
                        near.port(), identity.getCertificatePathPEM(), identity.getPrivateKeyPEM())) {
            manager(connector().proxyTls(Certificates.clientContext()), 4, 2, options -> options);
            endpoint = server.endpoint().withProxy(at("socks5", far).withProxy(at("https", secure)));

            Lease<NettyConnection> lease = acquired();
            exchange(lease);
            lease.release();

            assertThat(near.log()).contains("127.0.0.1:" + far.port());
            manager.close();
            leakCheck().checkClosed();
        }
    }

    // ---- scripted proxies

    @Test
    void aGreetingThroughAProxyIsKeptForTheFirstHolder() throws Exception {
        try (ScriptedServer proxy = ScriptedServer.start()) {
            manager(4, 2);
            Endpoint through = server.endpoint().withProxy(Endpoint.of("http", "127.0.0.1", proxy.port()));
            var acquired = manager.acquire(through);
            ScriptedServer.Peer peer = proxy.accept();
            head(peer);
            peer.send("HTTP/1.1 200 Connection established\r\n\r\n220 hello\r\n");

            Lease<NettyConnection> lease = got(acquired);
            RecordingListener<String> replies = new RecordingListener<>();
            lease.connection().start(replies);

            assertThat(replies.next()).isEqualTo("220 hello");
            lease.invalidate();
            peer.readAll();
        }
    }

    @Test
    void aSilentProxyFailsTheDialAtItsTimeout() throws Exception {
        try (ScriptedServer proxy = ScriptedServer.start()) {
            FakeTime time = new FakeTime();
            Duration timeout = Duration.ofSeconds(1);
            manager(connector(), 4, 1, options -> options.dialTimeout(timeout).time(time));
            Endpoint through = server.endpoint().withProxy(Endpoint.of("socks5", "127.0.0.1", proxy.port()));
            var acquired = manager.acquire(through);
            ScriptedServer.Peer peer = proxy.accept();
            assertThat(peer.readByte())
                    .as("the version in the client's greeting")
                    .isEqualTo(5);
            time.advance(timeout);

            AcquireException failure = failed(acquired);

            assertThat(failure.phase()).isEqualTo(Phase.PROXY);
            peer.readAll();
            await().until(() -> manager.snapshot().all().open() == 0);
        }
    }

    @Test
    void aProxyThatClosesTheConnectionIsAFailureOfTheProxy() throws Exception {
        try (ScriptedServer proxy = ScriptedServer.start()) {
            manager(4, 2);
            Endpoint through = server.endpoint().withProxy(Endpoint.of("http", "127.0.0.1", proxy.port()));
            var acquired = manager.acquire(through);
            proxy.accept().close();

            assertThat(failed(acquired).phase()).isEqualTo(Phase.PROXY);
        }
    }

    @Test
    @Tag("E14")
    void differentProxyCredentialsAndTargetsHaveConnectionsOfTheirOwn() throws Exception {
        try (ScriptedServer proxy = ScriptedServer.start()) {
            manager(connector().credentials("other", "other", "p"), 8, 2, options -> options);
            Endpoint plain = Endpoint.of("http", "127.0.0.1", proxy.port());
            List<Endpoint> all = List.of(
                    server.endpoint().withProxy(plain.withCredentials("me")),
                    server.endpoint().withProxy(plain.withCredentials("other")),
                    server.endpoint().withProxy(plain),
                    Endpoint.of("line0", "127.0.0.1", 9).withProxy(plain));
            List<String> requests = new ArrayList<>();
            for (Endpoint each : all) {
                var acquired = manager.acquire(each);
                ScriptedServer.Peer peer = proxy.accept();
                requests.add(head(peer));
                peer.send("HTTP/1.1 200 OK\r\n\r\n");
                Lease<NettyConnection> lease = got(acquired);
                assertThat(lease.origin()).isEqualTo(LeaseOrigin.NEW);
                assertThat(lease.release()).isTrue();
            }
            exchange(acquired());

            assertThat(proxy.connections()).isEqualTo(4);
            assertThat(requests).doesNotHaveDuplicates();
            assertThat(requests.get(2)).doesNotContainIgnoringCase("authorization");
            assertThat(got(manager.acquire(all.get(0))).origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
            manager.close();
            leakCheck().checkClosed();
        }
    }

    @Test
    void anAnswerOfAProxyIsNotTakenForAnErrorOfTheSystem() throws Exception {
        try (ScriptedServer proxy = ScriptedServer.start()) {
            manager(connector(), 8, 2, options -> options);
            assertThat(got(manager.acquire(endpoint)).release()).isTrue();

            var acquired = manager.acquire(endpoint.withProxy(Endpoint.of("http", "127.0.0.1", proxy.port())));
            ScriptedServer.Peer peer = proxy.accept();
            head(peer);
            peer.send("HTTP/1.1 503 Too many open files\r\nContent-Length: 0\r\n\r\n");

            AcquireException failure = failed(acquired);
            assertThat(failure.phase()).isEqualTo(Phase.PROXY);
            assertThat(failure.errorNumber()).isZero();
            assertThat(failure).hasMessageContaining("503 Too many open files");
            assertThat(got(manager.acquire(endpoint)).origin())
                    .as("no connection of another endpoint was evicted")
                    .isEqualTo(LeaseOrigin.IMMEDIATE);
            manager.close();
            leakCheck().checkClosed();
        }
    }

    private static String head(ScriptedServer.Peer peer) throws Exception {
        StringBuilder head = new StringBuilder();
        for (String line = peer.readLine(); !line.isBlank(); line = peer.readLine()) {
            head.append(line).append('\n');
        }
        return head.toString();
    }

    // ---- refused calls

    @Test
    void anUnsupportedProxyIsRefusedAtOnce() {
        manager(4, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> manager.acquire(endpoint.withProxy(Endpoint.of("ftp", "127.0.0.1", 21))))
                .withMessageContaining("its scheme is http, https or socks5, not ftp");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> manager.acquire(
                        endpoint.withProxy(Endpoint.of("http", "127.0.0.1", 21).withCredentials("me"))))
                .withMessageContaining("this connector knows none");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> manager.acquire(endpoint.withCredentials("me")))
                .withMessageContaining("for a proxy only");
    }

    @Test
    void invalidCredentialsAreRefusedAndTheMessageHasNoPassword() {
        manager(4, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NettyConnector.builder().credentials("x", "u:PW", "secret"))
                .withMessage(
                        "the user is not allowed: 1 to 255 bytes in UTF-8, without a colon and control characters");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NettyConnector.builder().credentials("x", "a", "sec\nret"))
                .withMessageNotContaining("sec");
    }

    @Test
    void whatTheProxySaysIsVisibleInTheFailureAndInItsStackTrace() throws Exception {
        manager(4, 2);
        try (ScriptedServer proxy = ScriptedServer.start()) {
            var refused = manager.acquire(endpoint.withProxy(Endpoint.of("http", "127.0.0.1", proxy.port())));
            ScriptedServer.Peer peer = proxy.accept();
            peer.send("HTTP/1.1 403 \u001b]52;c;eA==\u0007no" + "x".repeat(1_000) + "\r\nContent-Length: 0\r\n\r\n");

            assertThat(refused)
                    .failsWithin(Duration.ofSeconds(20))
                    .withThrowableThat()
                    .satisfies(failure -> {
                        StringWriter trace = new StringWriter();
                        failure.printStackTrace(new PrintWriter(trace));
                        assertThat(trace.toString()).contains("403").doesNotContain("\u001b", "\u0007");
                        AcquireException cause = (AcquireException) failure.getCause();
                        assertThat(cause.errorText()).contains("\\u001B]52;").doesNotContain("x".repeat(200));
                    });
        }
    }

    @Test
    void aZoneIsForTheFirstHopOnly() {
        manager(4, 2);
        Endpoint proxy = Endpoint.of("http", "fe80::1%eth9", 3128);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> manager.acquire(
                        Endpoint.of("http", "fe80::2%eth9", 80).withProxy(Endpoint.of("socks5", "127.0.0.1", 21))))
                .withMessage("a zone (fe80:0:0:0:0:0:0:2%eth9) is allowed without a proxy only: it names an interface"
                        + " of this host");
        assertThat(manager.acquire(endpoint.withProxy(proxy)))
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableThat()
                .withMessageContaining("No such device");
    }
}
