package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.testservers.ChildJvm;
import org.junit.jupiter.api.Test;

/** A connection whose peer is gone without a word, in a network namespace of its own. */
class SilentDeathTest {
    @Test
    void theRequestOnADeadHttp2ConnectionTimesOutAndTheNextIsOnAnother() {
        assertThat(ChildJvm.inNetworkNamespaceWithFilter().run(SilentDeathProgram.class, "http2"))
                .contains("OK");
    }

    @Test
    void theRequestOnADeadHttp1ConnectionTimesOutAndTheNextIsOnAnother() {
        assertThat(ChildJvm.inNetworkNamespaceWithFilter().run(SilentDeathProgram.class, "http1"))
                .contains("OK");
    }
}
