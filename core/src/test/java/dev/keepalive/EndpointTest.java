package dev.keepalive;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
    @Test
    void schemeHostAndPortAreKept() {
        Endpoint endpoint = Endpoint.of("redis", "127.0.0.1", 6379);
        assertThat(endpoint.scheme()).isEqualTo("redis");
        assertThat(endpoint.host()).isEqualTo("127.0.0.1");
        assertThat(endpoint.port()).isEqualTo(6379);
        assertThat(endpoint).hasToString("redis://127.0.0.1:6379");
    }

    @Test
    void eachPartDecidesTheIdentity() {
        Endpoint endpoint = Endpoint.of("http", "a", 1);
        assertThat(endpoint).isEqualTo(Endpoint.of("http", "a", 1)).hasSameHashCodeAs(Endpoint.of("http", "a", 1));
        assertThat(endpoint)
                .isNotEqualTo(Endpoint.of("https", "a", 1))
                .isNotEqualTo(Endpoint.of("http", "b", 1))
                .isNotEqualTo(Endpoint.of("http", "a", 2));
    }

    @Test
    void eachPartDecidesTheIdentityEvenIfTheHashCodesAreEqual() {
        assertThat(Endpoint.of("ar", "a", 1))
                .hasSameHashCodeAs(Endpoint.of("c4", "a", 1))
                .isNotEqualTo(Endpoint.of("c4", "a", 1));
        assertThat(Endpoint.of("http", "ar", 1))
                .hasSameHashCodeAs(Endpoint.of("http", "c4", 1))
                .isNotEqualTo(Endpoint.of("http", "c4", 1));
    }

    /** For each kind of part, an endpoint that differs from {@link #base} in this part only. */
    private static final Map<String, Endpoint> VARIANTS = Map.ofEntries(
            entry("SCHEME", Endpoint.of("imap", "a", 1)),
            entry("HOST", Endpoint.of("smtp", "b", 1)),
            entry("PORT", Endpoint.of("smtp", "a", 2)),
            entry("SOCKET", Endpoint.unix("smtp", Path.of("/a"))),
            entry("TLS", base().withTls()),
            entry("SERVER_NAME", base().withTls("b")),
            entry("IDENTITY", base().withIdentity("b")),
            entry("PROTOCOLS", base().withProtocols("b")),
            entry("PROXY", base().withProxy(Endpoint.of("http", "b", 1))),
            entry("CREDENTIALS", base().withCredentials("b")),
            entry("LOCAL_ADDRESS", base().withLocalAddress(InetAddress.getLoopbackAddress())),
            entry("TARGET", base().withTarget(Endpoint.of("http", "b", 1))),
            entry("OWNER", base().withOwner("b")));

    private static Endpoint base() {
        return Endpoint.of("smtp", "a", 1);
    }

    @Test
    void everyKindOfPartDecidesTheIdentity() {
        Class<?> part = Arrays.stream(Endpoint.class.getDeclaredClasses())
                .filter(Class::isEnum)
                .findAny()
                .orElseThrow();
        assertThat(Arrays.stream(part.getEnumConstants()).map(Object::toString))
                .as("each kind of part has an endpoint here")
                .containsExactlyInAnyOrderElementsOf(VARIANTS.keySet());
        assertThat(VARIANTS.values()).doesNotContain(base()).doesNotHaveDuplicates();
        assertThat(VARIANTS.values().stream().map(Endpoint::toString))
                .doesNotContain(base().toString())
                .doesNotHaveDuplicates();
    }

    @Test
    void anEndpointHasNoFieldsButItsPartsAndValuesDerivedFromThem() {
        assertThat(Arrays.stream(Endpoint.class.getDeclaredFields())
                        .filter(field -> !Modifier.isStatic(field.getModifiers()) && !field.isSynthetic())
                        .map(field -> field.getName()))
                .containsExactlyInAnyOrder("parts", "hash", "plainRequest");
    }

    @Test
    void everyPublicMethodThatMakesAnotherEndpointMakesAnUnequalOne() throws Exception {
        Map<Class<?>, Object> arguments = Map.of(
                String.class,
                "b",
                String[].class,
                new String[] {"b"},
                Endpoint.class,
                Endpoint.of("http", "b", 1),
                InetAddress.class,
                InetAddress.getLoopbackAddress());
        for (Method method : Endpoint.class.getDeclaredMethods()) {
            boolean changes = method.getReturnType() == Endpoint.class
                    && Modifier.isPublic(method.getModifiers())
                    && !Modifier.isStatic(method.getModifiers())
                    && !List.of("proxy", "target").contains(method.getName());
            if (changes) {
                Object[] given = Arrays.stream(method.getParameterTypes())
                        .map(arguments::get)
                        .toArray();
                assertThat(method.invoke(base(), given)).as(method.getName()).isNotEqualTo(base());
                assertThat(method.invoke(base(), given))
                        .as("%s, twice", method.getName())
                        .isEqualTo(method.invoke(base(), given));
            }
        }
    }

    @Test
    void endpointsWithTheSameEffectAreEqual() {
        assertThat(Endpoint.of("https", "a", 1).withTls()).isEqualTo(Endpoint.of("https", "a", 1));
        assertThat(base().withTls("A")).isEqualTo(base().withTls());
        assertThat(base().withProtocols("h2", "h2")).isEqualTo(base().withProtocols("h2"));
        assertThat(Endpoint.of("https", "a", 1).withProtocols()).isEqualTo(Endpoint.of("https", "a", 1));
        assertThat(Endpoint.unix("redis", Path.of("/run/./x/../y")))
                .isEqualTo(Endpoint.unix("redis", Path.of("/run/y")));
    }

    @Test
    void thePartsAreReturnedAsTheyWereSet() throws Exception {
        InetAddress address = InetAddress.getByName("127.0.0.9");
        Endpoint proxy = Endpoint.of("socks5", "p", 1080).withCredentials("me");
        Endpoint target = Endpoint.of("https", "t", 443);
        Endpoint all = base().withTls("s")
                .withIdentity("i")
                .withProtocols("h2", "http/1.1")
                .withProxy(proxy)
                .withLocalAddress(address)
                .withTarget(target)
                .withOwner("o");

        assertThat(all.tls()).isTrue();
        assertThat(all.serverName()).isEqualTo("s");
        assertThat(all.identity()).isEqualTo("i");
        assertThat(all.protocols()).containsExactly("h2", "http/1.1");
        assertThat(all.proxy()).isEqualTo(proxy);
        assertThat(proxy.credentials()).isEqualTo("me");
        assertThat(all.localAddress()).isEqualTo(address);
        assertThat(all.target()).isEqualTo(target);
        assertThat(all.owner()).isEqualTo("o");
        assertThat(all)
                .hasToString("smtp://a:1[TLS; server name s; identity i; protocols [h2, http/1.1]; "
                        + "proxy socks5://p:1080[credentials me]; local address 127.0.0.9; "
                        + "target https://t:443; owner o]");
        assertThat(base().serverName()).isEqualTo("a");
        assertThat(Endpoint.unix("redis", Path.of("/run/x")))
                .hasToString("redis:/run/x")
                .satisfies(unix -> assertThat(unix.unixSocketPath()).isEqualTo(Path.of("/run/x")))
                .satisfies(unix -> assertThat(unix.host()).isEqualTo("localhost"))
                .satisfies(unix -> assertThat(unix.port()).isZero());
    }

    @Test
    void anInvalidNameIsRefusedAndTheMessageNamesIt() {
        assertThatThrownBy(() -> base().withIdentity(" "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("identity ' ' is not allowed: a name that is not blank, without control characters");
        assertThatThrownBy(() -> base().withOwner("a\nb")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> base().withCredentials("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> base().withTls("a b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> base().withProtocols("h 2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("protocol 'h 2' is not allowed: 1 to 255 visible ASCII characters, like h2 or http/1.1");
    }

    @Test
    void endpointsThatAreEqualToTheNetworkAreEqual() {
        assertThat(Endpoint.of("HTTP", "Example.ORG", 80)).isEqualTo(Endpoint.of("http", "example.org", 80));
        assertThat(Endpoint.of("http", "[::1]", 80)).isEqualTo(Endpoint.of("http", "0:0::1", 80));
        assertThat(Endpoint.of("http", "b\u00fccher.example", 80))
                .isEqualTo(Endpoint.of("http", "xn--bcher-kva.example", 80));
    }

    @ParameterizedTest
    @CsvSource({
        "http://h:80, http://h:80",
        "http://h, http://h:80",
        "HTTPS://H, https://h:443",
        "redis://[::1]:6379, redis://[0:0:0:0:0:0:0:1]:6379",
        "made-up+x.1://h:1, made-up+x.1://h:1",
        "http://my_service:8080, http://my_service:8080",
        "http://[::1], http://[0:0:0:0:0:0:0:1]:80"
    })
    void anEndpointIsParsed(String text, String expected) {
        assertThat(Endpoint.parse(text)).hasToString(expected);
        assertThat(Endpoint.parse(Endpoint.parse(text).toString())).isEqualTo(Endpoint.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://h/",
                "http://h/path",
                "http://h?q",
                "http://h#f",
                "http://u@h",
                "http://u:p@h",
                "http://u:p@a_b:80",
                "redis://h",
                "h:80",
                "//h:80",
                "http://",
                "",
                " ",
                "http://a b:80",
                "http://h:70000",
                "http://h:0",
                "http://h:x"
            })
    void textThatIsNoEndpointIsRefused(String text) {
        assertThatThrownBy(() -> Endpoint.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aUriMayHaveAPathButNoUserInformation() {
        assertThat(Endpoint.of(URI.create("http://h/path?q#f"))).hasToString("http://h:80");
        assertThatThrownBy(() -> Endpoint.of(URI.create("http://user:secret@h/")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("user information")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://user:secret@h/path",
                "http://user:secret@h:1 ",
                "http:user:secret@h",
                "user:secret@h:1",
                "//user:secret@h",
                "http://user:secret@h:1?q",
                "http://user:secret@h:none"
            })
    void aPasswordIsInNoMessage(String text) {
        assertThatThrownBy(() -> Endpoint.parse(text)).satisfies(refused -> {
            StringWriter all = new StringWriter();
            refused.printStackTrace(new PrintWriter(all));
            assertThat(all.toString()).doesNotContain("secret");
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 65536, 70000})
    void anInvalidPortIsRefusedAndTheMessageNamesIt(int port) {
        assertThatThrownBy(() -> Endpoint.of("http", "h", port))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("port " + port + " is not allowed: 1 to 65535");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a:80", "-a", "a-", "[::1", "a%00", "[a]", ".", "a..b", ".a", "a.-"})
    void anInvalidHostIsRefusedAndTheMessageNamesIt(String host) {
        assertThatThrownBy(() -> Endpoint.of("http", host, 80))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("host '" + host + "' is not allowed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1a", "a b", "a:", "\u00e4", "\u212aelvin"})
    void anInvalidSchemeIsRefusedAndTheMessageNamesIt(String scheme) {
        assertThatThrownBy(() -> Endpoint.of(scheme, "h", 80))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("scheme '" + scheme + "' is not allowed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://h/p?token=SECRET",
                "wss://h/p?token=SECRET",
                "wss://h#SECRET",
                "http:/SECRET",
                "SECRET",
                "a/SECRET://h:1",
                "http://user:SECRET",
                "http://user:SECRET%40h",
                "http://user:SECRET/pw@h",
                "http://SECRET@h",
                "tcp://h?token=SECRET",
                "http://h:80:SECRET"
            })
    void messagesContainSchemeHostAndPortAtMost(String text) {
        assertThatThrownBy(() -> Endpoint.parse(text)).satisfies(EndpointTest::tellsNoSecret);
    }

    @Test
    void aUriThatIsRefusedTellsNoSecret() {
        assertThatThrownBy(() -> Endpoint.of(URI.create("tcp://h/p?token=SECRET")))
                .satisfies(EndpointTest::tellsNoSecret)
                .hasMessage("'tcp://h' has no port, and its scheme no default: use scheme://host:port");
        assertThatThrownBy(() -> Endpoint.of("http", "h/p?token=SECRET", 80)).satisfies(EndpointTest::tellsNoSecret);
        assertThatThrownBy(() -> Endpoint.of("http", "user:SECRET@h", 80)).satisfies(EndpointTest::tellsNoSecret);
        assertThatThrownBy(() -> Endpoint.of("http://u:SECRET@h", "h", 80)).satisfies(EndpointTest::tellsNoSecret);
        assertThatThrownBy(() -> Endpoint.of(URI.create("mailto:SECRET"))).satisfies(EndpointTest::tellsNoSecret);
    }

    @Test
    void theMessageNamesSchemeHostAndPort() {
        assertThatThrownBy(() -> Endpoint.parse("wss://h:1/p?token=SECRET"))
                .hasMessage("'wss://h:1' has a path, a query or a fragment: an endpoint is scheme://host:port,"
                        + " nothing else");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "localhost, the text has no scheme and no port",
                "localhost:6379, the text has no scheme",
                "//h:80, the text has no scheme",
                "redis//h:1, the text has no ':' between its scheme and '//'",
                "h:SECRET, the text is not an endpoint",
                "h?token=SECRET, the text is not an endpoint",
                "\" \", the text is empty"
            })
    void theMessageSaysWhatIsMissing(String text, String missing) {
        assertThatThrownBy(() -> Endpoint.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(missing + ": use scheme://host:port");
    }

    @Test
    void userInformationIsRefusedWithThePlaceWhereALoginGoesAndNullWithTheForm() {
        assertThatThrownBy(() -> Endpoint.parse(null)).hasMessage("the text is null: use scheme://host:port");
        assertThatThrownBy(() -> Endpoint.parse("redis://user:SECRET@h:1"))
                .satisfies(EndpointTest::tellsNoSecret)
                .hasMessageContaining("ManagerBuilder.setup")
                .hasMessageContaining("Endpoint.withOwner");
    }

    private static void tellsNoSecret(Throwable refused) {
        StringWriter all = new StringWriter();
        refused.printStackTrace(new PrintWriter(all));
        assertThat(refused).isInstanceOf(IllegalArgumentException.class);
        assertThat(all.toString()).doesNotContain("SECRET", "secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "+80",
                "-80",
                "\u0668\u0660",
                "\uff18\uff10",
                "0x50",
                "8 0",
                " 80",
                "80 ",
                "8_0",
                "80.0",
                "080000"
            })
    void aPortIsWrittenInAsciiDigitsOnly(String port) {
        assertThatThrownBy(() -> Endpoint.parse("http://h:" + port))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 65535");
        assertThatThrownBy(() -> Endpoint.parse("http://[::1]:" + port)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"http://h:, http://h:80", "http://h:080, http://h:80", "http://[::1]:, http://[0:0:0:0:0:0:0:1]:80"})
    void whatTheGrammarAllowsAsAPortIsTaken(String text, String same) {
        assertThat(Endpoint.parse(text)).isEqualTo(Endpoint.parse(same));
    }

    @Test
    void namesAndPathsThatOthersChooseAreVisibleInTexts() {
        String hostile = "a\u202eb\u2028c";
        String visible = "a\\u202Eb\\u2028c";
        assertThat(base().withOwner(hostile).toString()).contains("owner " + visible);
        assertThat(base().withIdentity(hostile).toString()).contains("identity " + visible);
        assertThat(base().withCredentials(hostile).toString()).contains("credentials " + visible);
        assertThat(Endpoint.unix("redis", Path.of("/run/\u001b[2J" + hostile)))
                .hasToString("redis:/run/\\u001B[2J" + visible);
        assertThat(AcquireRequest.to(base()).withLabel("\u001b]52;x\u0007\n" + hostile))
                .hasToString("smtp://a:1 (\\u001B]52;x\\u0007\\u000A" + visible + ")");
        assertThatThrownBy(() -> Endpoint.of("http", "h\u001b[2J", 1)).hasMessageContaining("'h\\u001B[2J'");
        assertThatThrownBy(() -> Endpoint.of("x\u001b[2J", "h", 1)).hasMessageContaining("'x\\u001B[2J'");
        assertThatThrownBy(() -> base().withOwner("\u001b[2J")).hasMessageContaining("'\\u001B[2J'");
        assertThatThrownBy(() -> base().withProtocols("\u001b[2J")).hasMessageContaining("'\\u001B[2J'");
    }
}
