package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.testservers.ChildJvm;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * A process that is stopped (SIGSTOP) for longer than the idle timeout hands out no connection that was idle all the
 * time. The test takes as long as the stop; {@code -Dstop=20000 -DidleTimeout=15000} makes it last 20 s.
 */
@EnabledOnOs(OS.LINUX)
class StoppedProcessTest {
    private static final int STOP = Integer.getInteger("stop", 2_000);
    private static final int IDLE_TIMEOUT = Integer.getInteger("idleTimeout", 1_000);

    @Test
    @Tag("G26")
    void whenTheProcessGoesOnNoConnectionIsHandedOutThatWasIdleForTooLong() throws Exception {
        try (CountingServer server = new CountingServer()) {
            String output = ChildJvm.after()
                    .run(
                            StoppedProcessProgram.class,
                            String.valueOf(server.endpoint().port()),
                            String.valueOf(IDLE_TIMEOUT),
                            String.valueOf(STOP),
                            "2");
            assertThat(output).contains("ASKED 64 OLD 0\n");
        }
    }
}
