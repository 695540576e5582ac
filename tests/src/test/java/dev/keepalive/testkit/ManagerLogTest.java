package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a manager logs at DEBUG, which {@code java.util.logging} calls FINE: each connection that it opens or closes.
 */
class ManagerLogTest extends ManagerRig {
    private static final Logger LOGGER = Logger.getLogger("dev.keepalive");
    private final List<String> lines = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            if (line.getLevel().equals(Level.FINE)) {
                lines.add(line.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOGGER.addHandler(handler);
        LOGGER.setLevel(Level.FINE);
    }

    @AfterEach
    void stopListening() {
        LOGGER.removeHandler(handler);
        LOGGER.setLevel(null);
    }

    @Test
    void connectionsThatAreOpenedAndClosedAreLogged() {
        Lease<FakeConnection> lease = lease();
        lease.invalidate(new IOException("no more\u001b[2J"));
        tasks.runAll();
        assertThat(lines)
                .containsExactly(
                        "keepalive: opened a connection to line://a:1 [queue 0.000 ms]",
                        "keepalive: closed a connection to line://a:1, INVALIDATED, after 1 leases:"
                                + " java.io.IOException: no more\\u001B[2J");
    }

    @Test
    void aDialThatFailsIsLogged() {
        manager.acquire(Endpoint.of("line", "b", 2));
        tasks.runAll();
        connector.nextDial().fail(new IOException("bad\nline"));
        tasks.runAll();
        assertThat(lines)
                .singleElement()
                .asString()
                .startsWith("keepalive: opening a connection to line://b:2 failed: ")
                .contains("bad\\u000Aline");
    }

    @Test
    void nothingIsLoggedUnlessItIsSwitchedOn() {
        LOGGER.setLevel(Level.INFO);
        lease().invalidate();
        tasks.runAll();
        assertThat(lines).isEmpty();
    }
}
