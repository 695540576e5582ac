package dev.keepalive.bench.contenders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each contender does what its entry in the register says. */
final class ContendersTest {
    static Stream<Arguments> all() {
        return Contenders.all().stream().map(entrant -> arguments(entrant.name(), entrant));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void aThousandCyclesUseTheSameConnection(String name, Entrant entrant) {
        try (Contender contender = entrant.make(Setting.of(1, 1))) {
            Set<Object> connections = new HashSet<>();
            contender.confine(() -> {
                for (int i = 0; i < 1000; i++) {
                    cycle(contender, 0, connections);
                }
            });
            assertThat(connections).hasSize(1);
        }
    }

    @Test
    void anUnknownNameIsRefusedWithTheListOfAll() {
        assertThatThrownBy(() -> Contenders.named("nobody"))
                .hasMessageContaining("'nobody'")
                .hasMessageContaining("keepalive");
    }

    private static void cycle(Contender contender, int endpoint, Set<Object> connections) {
        try {
            Object lease = contender.acquire(endpoint);
            connections.add(contender.connection(lease));
            contender.release(endpoint, lease);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
