package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Endpoint;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TlsSessionKeysTest {
    private final TlsSessionKeys keys = new TlsSessionKeys();

    @Test
    void equalEndpointsHaveOneKeyThatIsNoPort() {
        int key = keys.of(Endpoint.of("https", "a.test", 443));
        assertThat(key).isGreaterThan(65535);
        assertThat(keys.of(Endpoint.of("HTTPS", "A.test", 443))).isEqualTo(key);
        assertThat(keys.of(Endpoint.of("https", "a.test", 444))).isNotEqualTo(key);
    }

    @Test
    void anotherConnectorHasOtherKeys() {
        Endpoint endpoint = Endpoint.of("https", "a.test", 443);
        assertThat(new TlsSessionKeys().of(endpoint)).isNotEqualTo(keys.of(endpoint));
    }

    @Test
    void onlyALimitedNumberOfKeysIsKeptAndNoneIsGivenTwice() {
        Endpoint often = Endpoint.of("https", "often.test", 443);
        Endpoint once = Endpoint.of("https", "once.test", 443);
        int keyOfOften = keys.of(often);
        Set<Integer> given = new HashSet<>(Set.of(keyOfOften, keys.of(once)));
        for (int port = 1; port <= 10_000; port++) {
            assertThat(given.add(keys.of(Endpoint.of("https", "many.test", port))))
                    .isTrue();
            assertThat(keys.of(often)).isEqualTo(keyOfOften);
        }
        assertThat(given.add(keys.of(once))).isTrue();
    }
}
