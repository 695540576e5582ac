package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.CookieHandler;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are refused, and how the others are written. */
@Timeout(60)
class RequestCheckTest {
    private static final RequestEndpoints KNOWING =
            new RequestEndpoints(true, UnaryOperator.identity(), new TunnelCredentials());
    private static final RequestEndpoints ENDPOINTS =
            new RequestEndpoints(false, UnaryOperator.identity(), new TunnelCredentials());

    /** A request of a program's own class, which nobody has checked. */
    private static final class Own extends HttpRequest {
        private final String method;
        private final URI uri;
        private final Map<String, List<String>> headers;

        Own(String method, URI uri, Map<String, List<String>> headers) {
            this.method = method;
            this.uri = uri;
            this.headers = headers;
        }

        @Override
        public Optional<BodyPublisher> bodyPublisher() {
            return Optional.empty();
        }

        @Override
        public String method() {
            return method;
        }

        @Override
        public Optional<Duration> timeout() {
            return Optional.empty();
        }

        @Override
        public boolean expectContinue() {
            return false;
        }

        @Override
        public URI uri() {
            return uri;
        }

        @Override
        public Optional<HttpClient.Version> version() {
            return Optional.empty();
        }

        @Override
        public HttpHeaders headers() {
            return HttpHeaders.of(headers, (name, value) -> true);
        }
    }

    private static void assertRefused(HttpRequest request, String... says) {
        try (KeepaliveHttpClient client = KeepaliveHttpClient.newHttpClient()) {
            assertThatThrownBy(() -> client.sendAsync(request, BodyHandlers.ofString()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(says);
            assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(says);
        }
    }

    private static Own get(String uri) {
        return new Own("GET", URI.create(uri), Map.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"connection", "Content-Length", "expect", "HOST", "upgrade", "Transfer-Encoding"})
    void theFieldsOfTheClientAreRefused(String name) {
        assertRefused(new Own("GET", URI.create("http://127.0.0.1:1/"), Map.of(name, List.of("1"))), name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nInjected: 1", "a\nb", "a\rb", "a\u0000b", "a\u007fb", "a\u010ab"})
    void aValueThatCouldSmuggleIsRefusedWithItsName(String value) {
        assertRefused(
                new Own("GET", URI.create("http://127.0.0.1:1/"), Map.of("X-Field", List.of("ok", value))), "X-Field");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a:b", "a\r\nb", "a\u00e9"})
    void aNameThatIsNoTokenIsRefused(String name) {
        assertRefused(new Own("GET", URI.create("http://127.0.0.1:1/"), Map.of(name, List.of("1"))), "header name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GE T", "GET\r\n", "CONNECT"})
    void aMethodThatIsNoTokenIsRefused(String method) {
        assertRefused(new Own(method, URI.create("http://127.0.0.1:1/"), Map.of()), "method");
    }

    @ParameterizedTest
    @CsvSource({
        "ftp://host/,scheme ftp",
        "//host/,no scheme",
        "mailto:x,scheme mailto",
        "http:/path,without a host",
        "http://user:password@host/,user information",
        "http://host:99999/,99999",
        "http://1.2.3/,four decimal numbers"
    })
    void aUriThatCannotBeAskedForIsRefused(String uri, String says) {
        assertRefused(get(uri), says);
        assertThatThrownBy(() -> ENDPOINTS.of(URI.create(uri), false, null, null))
                .hasMessageNotContaining("password");
    }

    @ParameterizedTest
    @CsvSource({
        "http://Host.Example/p,Host.example,http://host.example:80,/p",
        "HTTP://HOST/,host,http://host:80,/",
        "http://host:80/,host,http://host:80,/",
        "http://host:8080/,host:8080,http://host:8080,/",
        "https://host:443/,host,https://host:443,/",
        "https://host:80/,host:80,https://host:80,/",
        "http://host,host,http://host:80,/",
        "http://host?q=1,host,http://host:80,/?q=1",
        "http://host/p?q#f,host,http://host:80,/p?q",
        "http://host./,host.,http://host.:80,/",
        "http://[::1]:81/,[0:0:0:0:0:0:0:1]:81,http://0:0:0:0:0:0:0:1:81,/",
        "http://[fe80::1%25lo]/,[fe80:0:0:0:0:0:0:1],http://fe80:0:0:0:0:0:0:1%lo:80,/",
        "http://b\u00fccher.example/,xn--bcher-kva.example,http://xn--bcher-kva.example:80,/",
        "http://host/\u00fc?\u00fc,host,http://host:80,/%C3%BC?%C3%BC",
        "http://host/%2F?a%20b,host,http://host:80,/%2F?a%20b",
        "http://host//double,host,http://host:80,//double"
    })
    void aUriIsWrittenInOneForm(String uri, String authority, String origin, String target) {
        URI parsed = URI.create(uri);
        Destination destination = ENDPOINTS.of(parsed, false, null, null);

        assertThat(destination.authority()).isEqualToIgnoringCase(authority);
        assertThat(destination.origin()).isEqualTo(origin);
        assertThat(RequestEndpoints.target(parsed, destination)).isEqualTo(target);
    }

    @Test
    void theEndpointSaysWhatIsSpokenAndOnWhichWay() {
        Proxy http = new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved("proxy", 3128));
        Proxy socks = new Proxy(Proxy.Type.SOCKS, InetSocketAddress.createUnresolved("proxy", 1080));
        URI plain = URI.create("http://host/p");
        URI secure = URI.create("https://host/p");

        assertThat(ENDPOINTS.of(secure, true, null, null).endpoint().protocols())
                .containsExactly("h2", "http/1.1");
        assertThat(ENDPOINTS.of(secure, false, null, null).endpoint().protocols())
                .containsExactly("http/1.1");
        assertThat(ENDPOINTS.of(plain, true, Proxy.NO_PROXY, null).endpoint()).hasToString("http://host:80");
        assertThat(KNOWING.of(plain, true, null, null).endpoint()).hasToString("h2c://host:80");
        assertThat(KNOWING.of(plain, false, null, null).endpoint()).hasToString("http://host:80");

        Destination byProxy = ENDPOINTS.of(plain, false, http, null);
        assertThat(byProxy.endpoint()).hasToString("http://proxy:3128");
        assertThat(RequestEndpoints.target(plain, byProxy)).isEqualTo("http://host/p");
        assertThat(ENDPOINTS.of(secure, false, http, null).endpoint().proxy()).hasToString("http://proxy:3128");
        assertThat(ENDPOINTS.of(plain, false, socks, null).endpoint().proxy()).hasToString("socks5://proxy:1080");
    }

    @Test
    void theUserAgentIsThatOfTheProgramIfItHasOne() throws Exception {
        try (EchoServer server = EchoServer.start();
                KeepaliveHttpClient client = KeepaliveHttpClient.newHttpClient()) {
            client.send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.discarding());
            assertThat(server.lastHeaders().get("User-Agent"))
                    .singleElement()
                    .asString()
                    .startsWith("Keepalive-Http/");
            assertThat(server.lastHeaders().get("Accept-Encoding")).isNull();

            client.send(
                    HttpRequest.newBuilder(server.uri("/"))
                            .header("user-agent", "own")
                            .build(),
                    BodyHandlers.discarding());
            assertThat(server.lastHeaders().get("User-Agent")).containsExactly("own");
        }
    }

    @Test
    void cookiesAreStoredAndSentBesideThoseOfTheProgram() throws Exception {
        CookieHandler cookies = new CookieManager();
        try (EchoServer server = EchoServer.start();
                KeepaliveHttpClient client =
                        KeepaliveHttpClient.newBuilder().cookieHandler(cookies).build()) {
            ((CookieManager) cookies)
                    .getCookieStore()
                    .add(
                            server.uri("/"),
                            HttpCookie.parse("Set-Cookie: stored=1; Path=/").get(0));
            client.send(
                    HttpRequest.newBuilder(server.uri("/"))
                            .header("Cookie", "own=2")
                            .build(),
                    BodyHandlers.discarding());

            assertThat(server.lastHeaders().get("Cookie")).containsExactly("own=2; stored=1");
        }
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    connection.readHead();
                    connection.send("HTTP/1.1 200 OK\r\nSet-Cookie: given=3; Path=/\r\nContent-Length: 0\r\n\r\n");
                    String head = connection.readHead();
                    String cookie = head.contains("Cookie: given=3") ? "yes" : "no";
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + cookie.length() + "\r\n\r\n" + cookie);
                });
                KeepaliveHttpClient client = KeepaliveHttpClient.newBuilder()
                        .cookieHandler(new CookieManager())
                        .build()) {
            HttpRequest request = HttpRequest.newBuilder(server.uri("/")).build();
            client.send(request, BodyHandlers.discarding());

            assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("yes");
        }
    }
}
