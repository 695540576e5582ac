package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Makes the scripts of a test, and records each of them. When the test has passed, each recorded history is replayed:
 * the replay must have the same effects, and end with the same counts.
 */
final class ReplayedScripts implements AfterEachCallback {
    private final List<MachineScript> scripts = new ArrayList<>();

    /** Returns a recorded script with these limits, as {@link MachineScript#with} does. */
    MachineScript with(int maxOpen, int maxOpenPerEndpoint) {
        MachineScript script = MachineScript.with(maxOpen, maxOpenPerEndpoint).recorded();
        scripts.add(script);
        return script;
    }

    @Override
    public void afterEach(ExtensionContext test) throws IOException {
        if (test.getExecutionException().isPresent()) {
            return;
        }
        for (MachineScript script : scripts) {
            script.tick(); // the effects of an event are compared when the next one is read
            Replay replay = Replay.of(new ByteArrayInputStream(script.history()));
            replay.run();
            assertThat(replay.counts()).isEqualTo(script.counts());
            assertThat(replay.events()).isPositive();
        }
    }
}
