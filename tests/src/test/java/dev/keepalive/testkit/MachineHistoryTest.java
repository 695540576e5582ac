package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The history of a machine: a replay of it has the same effects, and a difference is found. */
class MachineHistoryTest {
    private final List<String> effects = new ArrayList<>();

    @Test
    void aTranscriptHasTheEventsAndTheirEffects() throws IOException {
        MachineScript script = MachineScript.with(8, 1).recorded();
        script.acquire("w", "a");
        script.acquire("x", "b");
        script.opened(1);
        script.release(1);
        script.advance(Duration.ofNanos(7));
        script.tryAcquire("y", "c");
        script.tick();

        assertThat(transcript(script.history()))
                .containsExactly(
                        "1 at 0: ACQUIRE 1 9223372036854775807",
                        "    dial 1 a",
                        "    wake at 30000000000",
                        "2 at 0: ACQUIRE 2 9223372036854775807",
                        "    dial 2 b",
                        "3 at 0: DIAL_DONE 1 1",
                        "    waiter 1 gets 1 NEW",
                        "    wake at 1000000000",
                        "4 at 0: RELEASED 1 5",
                        "5 at 7: TRY_ACQUIRE 0 0",
                        "6 at 7: TICK 0 0",
                        "    wake at 1000000007");
    }

    @Test
    void anAcquireGetsTheConnectionOfItsLoopInAReplayToo() throws IOException {
        MachineScript script = MachineScript.with(8, 2).recorded();
        script.acquire("w", "a");
        script.acquire("x", "a");
        script.openedOn(1, 1);
        script.opened(2);
        script.release(1);
        script.release(2);
        assertThat(script.acquireOn(1, "y", "a")).containsExactly("y gets 1 IMMEDIATE");
        script.tick();
        assertThat(transcript(script.history())).contains("    waiter 7 gets 1 IMMEDIATE");
    }

    @Test
    void everyKindOfEventIsInTheHistory() throws IOException {
        MachineScript script = MachineScript.with(8, 2).budgeted().recorded();
        serve(script);
        makeWay(script);
        end(script);

        List<String> replayed = transcript(script.history());

        assertThat(replayed.stream().filter(line -> line.startsWith("    ")).map(String::strip))
                .filteredOn(line -> !line.startsWith("wake at"))
                .containsExactlyElementsOf(effects);
        assertThat(replayed.stream().filter(line -> line.contains(": ")).map(line -> line.replaceAll(".*: | .*", "")))
                .contains("PERMIT_ANSWERED", "RESET_DONE", "TRY_ACQUIRE", "CANCEL", "CLOSED", "TICK", "CONFIGURE")
                .contains("RETIRE", "RETIRE_ONE", "RETIRE_ALL", "OWED", "DRAIN", "SHUTDOWN");
    }

    /** Event n of the history makes waiter n, so the test gives the waiter that name. */
    private void serve(MachineScript script) {
        recordEffects(script.acquire("waiter 1", "a"));
        recordEffects(script.permitGranted(1));
        recordEffects(script.opened(1));
        recordEffects(script.releaseToReset(1));
        recordEffects(script.reset(1, true));
        recordEffects(script.tryAcquire("waiter 6", "a"));
        recordEffects(script.releaseToReset(1));
        recordEffects(script.reset(1, false));
        recordEffects(script.closed(1));
        recordEffects(script.acquire("waiter 10", "b"));
        recordEffects(script.cancel("waiter 10"));
        recordEffects(script.permitRequestCancelled(2));
    }

    private void makeWay(MachineScript script) {
        recordEffects(script.acquire("waiter 13", "a"));
        recordEffects(script.permitGranted(3));
        recordEffects(script.opened(3));
        script.refuseClaim(3);
        recordEffects(script.release(3));
        recordEffects(script.tryAcquire("waiter 17", "a"));
        recordEffects(script.closed(3));
        recordEffects(script.acquire("waiter 19", "a"));
        recordEffects(script.permitGranted(4));
        recordEffects(script.opened(4));
        script.refusePark(4);
        recordEffects(script.release(4));
        recordEffects(script.closed(4));
        recordEffects(script.acquire("waiter 24", "a"));
        recordEffects(script.permitGranted(5));
        recordEffects(script.opened(5));
        recordEffects(script.release(5));
        recordEffects(script.owed(1));
        recordEffects(script.closed(5));
    }

    private void end(MachineScript script) {
        for (int slot = 6; slot <= 8; slot++) {
            recordEffects(script.acquire("waiter " + (30 + 4 * (slot - 6)), "c" + slot));
            recordEffects(script.permitGranted(slot));
            recordEffects(script.opened(slot));
            recordEffects(script.release(slot));
        }
        recordEffects(script.limits(2, 2));
        recordEffects(script.retire("c7"));
        recordEffects(script.retireAll());
        recordEffects(script.retire(8));
        recordEffects(script.acquire("waiter 46", "d"));
        for (int slot = 6; slot <= 8; slot++) {
            recordEffects(script.closed(slot));
        }
        recordEffects(script.permitGranted(9));
        recordEffects(script.opened(9));
        recordEffects(script.drain(Duration.ofSeconds(1)));
        script.advance(Duration.ofSeconds(1));
        recordEffects(script.tick());
        recordEffects(script.shutdown());
        recordEffects(script.closed(9));
        recordEffects(script.tick());
    }

    private void recordEffects(List<String> lines) {
        lines.stream()
                .filter(line -> !line.startsWith("pays") && !line.endsWith("gets nothing"))
                .forEach(effects::add);
    }

    @Test
    void aRekeyIsInTheHistory() throws IOException {
        MachineScript script = MachineScript.with(8, 1).recorded();
        script.acquire("w", "a");
        script.opened(1);
        script.releaseAs(1, "b");
        script.acquire("x", "b");
        assertThat(transcript(script.history())).contains("    waiter 4 gets 1 IMMEDIATE");
    }

    @Test
    void eventLoopsAreInTheHistory() throws IOException {
        MachineScript script = MachineScript.with(8, 8).recorded();
        script.acquireOn(1, "w", "a");
        script.acquireOn(2, "x", "a");
        script.acquireOn(3, "y", "a");
        for (int slot = 1; slot <= 3; slot++) {
            script.openedOn(slot, slot);
        }
        for (int slot = 1; slot <= 3; slot++) {
            script.release(slot);
        }
        script.acquireOn(1, "z", "a");
        script.tryAcquireOn(2, "u", "a");
        assertThat(transcript(script.history()))
                .contains("    waiter 10 gets 1 IMMEDIATE", "    waiter 11 gets 2 IMMEDIATE");
    }

    @Test
    void aBorrowedConnectionAndItsLastUseAreTheSameInAReplay() throws IOException {
        MachineScript script =
                MachineScript.with(2, 2).reportHeldFor(Duration.ofSeconds(3)).recorded();
        recordEffects(script.acquire("waiter 1", "a"));
        recordEffects(script.acquire("waiter 2", "a"));
        recordEffects(script.opened(1));
        recordEffects(script.opened(2));
        recordEffects(script.release(1));
        recordEffects(script.release(2));
        script.advance(Duration.ofSeconds(1));
        script.borrow(1);
        script.giveBack(1);
        script.borrow(1);
        script.advance(Duration.ofSeconds(2));
        recordEffects(script.tick());
        script.advance(Duration.ofSeconds(1));
        recordEffects(script.tick());
        script.borrow(2);
        recordEffects(script.acquire("waiter 9", "a"));
        recordEffects(script.release(1));
        recordEffects(script.invalidate(2));

        assertThat(effects).contains("held too long 1", "waiter 9 gets 1 DEFERRED", "close 2 INVALIDATED");
        assertThat(transcript(script.history()).stream()
                        .filter(line -> line.startsWith("    "))
                        .map(String::strip))
                .filteredOn(line -> !line.startsWith("wake at"))
                .containsExactlyElementsOf(effects);
    }

    @Test
    void aDifferenceInNothingButATimeIsFound() {
        MachineScript script = MachineScript.with(8, 1).recorded();
        script.acquire("w", "a");
        script.tick();
        byte[] history = script.history();
        history[13] ^= 1; // the dial timeout: some nanoseconds more or less

        assertThatThrownBy(() -> transcript(history))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the recording has other effects");
    }

    private static List<String> transcript(byte[] history) throws IOException {
        List<String> transcript = new ArrayList<>();
        Replay.of(new ByteArrayInputStream(history)).transcript(transcript::add).run();
        return transcript;
    }
}
