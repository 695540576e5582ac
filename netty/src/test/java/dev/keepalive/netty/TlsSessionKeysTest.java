package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.Endpoint;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class TlsSessionKeysTest {
    private static final long TIMEOUT = 1000;
    private static final Endpoint A = Endpoint.of("https", "a.test", 443);
    private static final Endpoint PROXY = Endpoint.of("https", "proxy.test", 3128);

    private final TlsSessionKeys keys = new TlsSessionKeys(TIMEOUT);

    private int of(Endpoint endpoint) {
        return keys.of(endpoint, endpoint, 0);
    }

    @Test
    void equalEndpointsHaveOneKeyThatIsNoPort() {
        int key = of(A);
        assertThat(key).isGreaterThan(65535);
        assertThat(of(Endpoint.of("HTTPS", "A.test", 443))).isEqualTo(key);
        assertThat(of(Endpoint.of("https", "a.test", 444))).isNotEqualTo(key);
    }

    @Test
    void anotherConnectorHasOtherKeys() {
        assertThat(new TlsSessionKeys(TIMEOUT).of(A, A, 0)).isNotEqualTo(of(A));
    }

    @Test
    void onlyALimitedNumberOfKeysIsKeptAndNoneIsGivenTwice() {
        Endpoint often = Endpoint.of("https", "often.test", 443);
        Endpoint once = Endpoint.of("https", "once.test", 443);
        int keyOfOften = of(often);
        Set<Integer> given = new HashSet<>(Set.of(keyOfOften, of(once)));
        for (int port = 1; port <= 10_000; port++) {
            assertThat(given.add(of(Endpoint.of("https", "many.test", port)))).isTrue();
            assertThat(of(often)).isEqualTo(keyOfOften);
        }
        assertThat(given.add(of(once))).isTrue();
    }

    @Test
    @Tag("E20")
    void aKeyIsKeptForItsTimeFromTheFirstHandshakeHoweverOftenItIsUsed() {
        long start = Long.MAX_VALUE - TIMEOUT / 2; // a clock may pass the end of its range
        int key = keys.of(A, A, start);
        assertThat(keys.of(A, A, start + TIMEOUT / 2)).isEqualTo(key);
        assertThat(keys.of(A, A, start + TIMEOUT - 1)).isEqualTo(key);
        int next = keys.of(A, A, start + TIMEOUT);
        assertThat(next).isNotEqualTo(key);
        assertThat(keys.of(A, A, start + 2 * TIMEOUT - 1)).isEqualTo(next);
        assertThat(keys.of(A, A, start + 2 * TIMEOUT)).isNotEqualTo(next);
    }

    @Test
    void whatMatchesItselfOrByAUserIsForgotten() {
        Endpoint user = Endpoint.of("line", "user.test", 1).withProxy(PROXY);
        int ofA = of(A);
        int ofProxy = keys.of(PROXY, user, 0);
        keys.forget(endpoint -> endpoint.host().equals("other.test"));
        assertThat(of(A)).isEqualTo(ofA);
        assertThat(of(PROXY)).isEqualTo(ofProxy);
        keys.forget(A::equals);
        assertThat(of(A)).isNotEqualTo(ofA);
        assertThat(of(PROXY)).isEqualTo(ofProxy);
        keys.forget(user::equals);
        assertThat(of(PROXY)).isNotEqualTo(ofProxy);
    }

    @Test
    void aKeyWithMoreUsersThanAreRememberedIsForgottenInAnyCase() {
        int ofProxy = of(PROXY);
        for (int port = 1; port <= 16; port++) {
            assertThat(keys.of(PROXY, Endpoint.of("line", "user.test", port), 0))
                    .isEqualTo(ofProxy);
        }
        keys.forget(endpoint -> false);
        assertThat(of(PROXY)).as("all users are remembered").isEqualTo(ofProxy);
        assertThat(keys.of(PROXY, A, 0)).isEqualTo(ofProxy);
        keys.forget(endpoint -> false);
        assertThat(of(PROXY)).isNotEqualTo(ofProxy);
    }

    @Test
    void whatThePredicateThrowsIsPassedOnAndNothingIsForgotten() {
        int ofA = of(A);
        assertThatThrownBy(() -> keys.forget(endpoint -> {
                    throw new IllegalStateException("thrown on purpose");
                }))
                .hasMessage("thrown on purpose");
        assertThat(of(A)).isEqualTo(ofA);
    }
}
