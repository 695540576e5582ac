package dev.keepalive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Modifier;
import java.net.URI;
import java.util.Arrays;
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
    void eachPartDecidesTheIdentityAlsoWhereTheHashCodesAreTheSame() {
        assertThat(Endpoint.of("ar", "a", 1))
                .hasSameHashCodeAs(Endpoint.of("c4", "a", 1))
                .isNotEqualTo(Endpoint.of("c4", "a", 1));
        assertThat(Endpoint.of("http", "ar", 1))
                .hasSameHashCodeAs(Endpoint.of("http", "c4", 1))
                .isNotEqualTo(Endpoint.of("http", "c4", 1));
    }

    /** Whoever adds a field must decide what it means for the identity, and extend the tests above. */
    @Test
    void thereIsNoPartThatTheTestAboveDoesNotKnow() {
        assertThat(Arrays.stream(Endpoint.class.getDeclaredFields())
                        .filter(field -> !Modifier.isStatic(field.getModifiers()) && !field.isSynthetic())
                        .map(field -> field.getName()))
                .containsExactlyInAnyOrder("scheme", "host", "port", "hash");
    }

    @Test
    void whatTheNetworkTakesForEqualIsEqual() {
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
    void whatIsNoEndpointIsRefused(String text) {
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
    @ValueSource(ints = {-1, 0, 65536, 70000})
    void aPortThatIsNoneIsRefusedByItsValue(int port) {
        assertThatThrownBy(() -> Endpoint.of("http", "h", port))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("port " + port + " is not allowed: 1 to 65535");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a/b", "a@b", "a:80", "-a", "[::1", "a\nb", "a%00", "[a]"})
    void aHostThatIsNoneIsRefusedByItsValue(String host) {
        assertThatThrownBy(() -> Endpoint.of("http", host, 80))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("host '" + host + "' is not allowed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1a", "a b", "a:", "a/", "\u00e4"})
    void aSchemeThatIsNoneIsRefusedByItsValue(String scheme) {
        assertThatThrownBy(() -> Endpoint.of(scheme, "h", 80))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("scheme '" + scheme + "' is not allowed");
    }
}
