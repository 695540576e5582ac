package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.ConnectionListener;
import dev.keepalive.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What an eviction asks of the connector, and what happens if the connector or the predicate throws. */
class ManagerEvictTest extends ManagerRig {
    private final List<String> thrown = new ArrayList<>();

    private final ConnectionListener listener = new ConnectionListener() {
        @Override
        public void userCodeThrew(String source, Throwable cause) {
            thrown.add(source + ": " + cause.getMessage());
        }
    };

    @Test
    @Tag("E19")
    void theConnectorForgetsBeforeConnectionsAreClosedAndWithoutALock() {
        List<Object> seen = new ArrayList<>();
        whenAskedToForget(which -> {
            seen.add(which.test(A));
            seen.add(which.test(B));
            // The snapshot needs the lock of the machine.
            seen.add(
                    CompletableFuture.supplyAsync(() -> manager.snapshot().all().idle())
                            .completeOnTimeout(-1, 10, TimeUnit.SECONDS)
                            .join());
        });
        lease().release();
        tasks.runAll();
        manager.evict(A::equals);
        assertThat(seen).containsExactly(true, false, 1);
        tasks.runAll();
        assertThat(connector.openLinks()).isZero();
    }

    @Test
    @Tag("I20")
    void aConnectorThatThrowsWhileItForgetsKeepsNoConnectionOpen() {
        whenAskedToForget(which -> {
            throw new IllegalStateException("cannot forget");
        });
        lease().release();
        tasks.runAll();
        manager.evict(any -> true);
        tasks.runAll();
        assertThat(connector.openLinks()).isZero();
        assertThat(thrown).containsExactly("the connector's forget: cannot forget");
    }

    @Test
    @Tag("I20")
    void whatThePredicateThrowsGoesToTheCallerAndIsForgottenNevertheless() {
        List<Boolean> matched = new ArrayList<>();
        whenAskedToForget(which -> {
            matched.add(which.test(A));
            matched.add(which.test(B));
        });
        assertThatThrownBy(() -> manager.evict(endpoint -> {
                    if (endpoint.equals(A)) {
                        throw new IllegalStateException("do not know " + endpoint);
                    }
                    return false;
                }))
                .hasMessage("do not know line://a:1");
        assertThat(matched).containsExactly(true, false);
        tasks.runAll();
        assertThat(thrown).isEmpty();
    }

    private void whenAskedToForget(Consumer<Predicate<? super Endpoint>> answer) {
        replaceManager(
                fake -> new ForwardingConnector(fake) {
                    @Override
                    public void forget(Predicate<? super Endpoint> which) {
                        answer.accept(which);
                    }
                },
                4,
                1,
                options -> options.listener(listener));
    }
}
