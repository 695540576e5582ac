package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Authenticator;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The options of a client: what they are by default, what is refused, where they go. */
@Timeout(60)
class ClientBuilderTest {
    private static KeepaliveHttpClientBuilder builder() {
        return KeepaliveHttpClient.newBuilder();
    }

    @Test
    void theDefaultsAreThoseOfTheJdk() {
        HttpClient jdk = HttpClient.newHttpClient();
        try (KeepaliveHttpClient client = KeepaliveHttpClient.newHttpClient()) {
            assertThat(client.version()).isEqualTo(jdk.version());
            assertThat(client.followRedirects()).isEqualTo(jdk.followRedirects());
            assertThat(client.cookieHandler()).isEmpty();
            assertThat(client.connectTimeout()).isEmpty();
            assertThat(client.proxy()).isEmpty();
            assertThat(client.authenticator()).isEmpty();
            assertThat(client.executor()).isEmpty();
            assertThat(client.sslContext()).isSameAs(jdk.sslContext());
            assertThat(client.sslParameters().getProtocols())
                    .isEqualTo(jdk.sslParameters().getProtocols());
        }
    }

    @Test
    void theOptionsAreThoseThatWereSet() {
        CookieManager cookies = new CookieManager();
        ProxySelector proxy = HttpClient.Builder.NO_PROXY;
        Authenticator authenticator = new Authenticator() {};
        Executor executor = ForkJoinPool.commonPool();
        // As a program that knows only the JDK's type.
        HttpClient.Builder jdk = KeepaliveHttpClient.newBuilder();
        HttpClient client = jdk.cookieHandler(cookies)
                .proxy(proxy)
                .authenticator(authenticator)
                .executor(executor)
                .priority(1)
                .connectTimeout(Duration.ofSeconds(3))
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.ALWAYS)
                .build();
        try (KeepaliveHttpClient own = (KeepaliveHttpClient) client) {
            assertThat(own.cookieHandler()).containsSame(cookies);
            assertThat(own.proxy()).containsSame(proxy);
            assertThat(own.authenticator()).containsSame(authenticator);
            assertThat(own.executor()).containsSame(executor);
            assertThat(own.connectTimeout()).contains(Duration.ofSeconds(3));
            assertThat(own.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
            assertThat(own.followRedirects()).isEqualTo(HttpClient.Redirect.ALWAYS);
        }
    }

    @Test
    void wrongValuesAreRefusedWithNameAndValue() {
        List<ThrowingCallable> wrong = List.of(
                () -> builder().connectTimeout(Duration.ZERO),
                () -> builder().priority(0),
                () -> builder().priority(257),
                () -> builder().maxOpen(0),
                () -> builder().maxOpenPerEndpoint(-1),
                () -> builder().idleTimeout(Duration.ZERO),
                () -> builder().maxLifetime(Duration.ofSeconds(-1)),
                () -> builder().acquireTimeout(Duration.ZERO),
                () -> builder().maxWaitingPerEndpoint(0),
                () -> builder().maxRedirects(-1),
                () -> builder().maxAuthentications(0),
                () -> builder().maxHeaderSize(0),
                () -> builder().maxHeaderFields(0),
                () -> builder().maxInformational(-1),
                () -> builder().maxDrain(-1),
                () -> builder().maxStreams(0),
                () -> builder().streamWindow(65_534),
                () -> builder().connectionWindow(0),
                () -> builder().ping(Duration.ZERO, Duration.ofSeconds(1)),
                () -> builder().ping(Duration.ofSeconds(1), Duration.ZERO));
        assertThat(wrong).allSatisfy(each -> assertThatThrownBy(each)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not allowed"));
    }

    @Test
    void nullIsRefused() {
        List<ThrowingCallable> wrong = List.of(
                () -> builder().cookieHandler(null),
                () -> builder().connectTimeout(null),
                () -> builder().sslContext(null),
                () -> builder().sslParameters(null),
                () -> builder().executor(null),
                () -> builder().followRedirects(null),
                () -> builder().version(null),
                () -> builder().proxy(null),
                () -> builder().authenticator(null),
                () -> builder().manager(null),
                () -> builder().connector(null),
                () -> builder().listener(null),
                () -> builder().name(null));
        assertThat(wrong).allSatisfy(each -> assertThatThrownBy(each).isInstanceOf(NullPointerException.class));
    }

    @Test
    void theDoorsReachTheManagerAndTheConnector() {
        try (KeepaliveHttpClient client = builder()
                .maxOpen(7)
                .manager(manager -> manager.name("through the door").maxOpenPerEndpoint(3))
                .build()) {
            assertThat(client.connections().name()).isEqualTo("through the door");
            assertThat(client.connections().snapshot().toString()).contains("maxOpen 7", "maxOpenPerEndpoint 3");
        }
        assertThatThrownBy(() -> builder()
                        .connector(connector -> connector.bindAddress("not an address"))
                        .build())
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theLocalAddressIsThatOfTheConnections() throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
            connection.readHead();
            String peer = connection.rawSocket().getInetAddress().getHostAddress();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + peer.length() + "\r\n\r\n" + peer);
        })) {
            // With the return type of the JDK's method.
            LocalAddressOption option = KeepaliveHttpClient.newBuilder();
            HttpClient.Builder bound = option.localAddress(InetAddress.getByName("127.0.0.2"));
            try (KeepaliveHttpClient client = (KeepaliveHttpClient) bound.build()) {
                HttpRequest request = HttpRequest.newBuilder(server.uri("/")).build();
                assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("127.0.0.2");
            }
        }
        assertThat(KeepaliveHttpClientBuilder.class.getMethods())
                .filteredOn(method -> method.getName().equals("localAddress"))
                .extracting(method -> (Object) method.getReturnType())
                .contains(HttpClient.Builder.class);
    }
}
