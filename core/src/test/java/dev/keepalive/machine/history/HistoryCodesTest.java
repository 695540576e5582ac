package dev.keepalive.machine.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.CloseReason;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.machine.AcquireOutcome;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.ReleaseKind;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;

/**
 * Each constant has the number that it has in earlier recordings. A change of a number needs a new version of the
 * format.
 */
class HistoryCodesTest {
    private static <T extends Enum<T>> Map<String, Integer> codes(T[] all, ToIntFunction<T> codes) {
        Map<String, Integer> found = new LinkedHashMap<>();
        Arrays.stream(all).forEach(each -> found.put(each.name(), codes.applyAsInt(each)));
        return found;
    }

    /** The names in the order of their numbers. */
    private static Map<String, Integer> numbered(int first, String... names) {
        Map<String, Integer> numbered = new LinkedHashMap<>();
        for (int i = 0; i < names.length; i++) {
            numbered.put(names[i], first + i);
        }
        return numbered;
    }

    @Test
    void everyKindOfEventHasItsNumber() throws IOException {
        assertThat(codes(EventKind.values(), HistoryCodes::of))
                .isEqualTo(numbered(
                        0,
                        "ACQUIRE",
                        "TRY_ACQUIRE",
                        "CANCEL",
                        "PERMIT_ANSWERED",
                        "DIAL_DONE",
                        "RESET_DONE",
                        "RELEASED",
                        "CLOSED",
                        "TICK",
                        "CONFIGURE",
                        "RETIRE",
                        "RETIRE_ONE",
                        "RETIRE_ALL",
                        "OWED",
                        "DRAIN",
                        "SHUTDOWN",
                        "OPENED_SHARED",
                        "CAPACITY",
                        "LEASE_RESET"));
        for (EventKind each : EventKind.values()) {
            assertThat(HistoryCodes.eventKind(HistoryCodes.of(each))).isEqualTo(each);
        }
    }

    @Test
    void everyKindOfEntryThatIsNoEventHasItsNumberToo() {
        assertThat(HistoryCodes.ENDPOINT).isEqualTo(100);
        assertThat(HistoryCodes.SLOT_ANSWER).isEqualTo(101);
        assertThat(HistoryCodes.MORE).isEqualTo(102);
        assertThat(HistoryCodes.VERSION).isEqualTo(5);
        assertThat(codes(EventKind.values(), HistoryCodes::of).values())
                .as("numbers that no kind of event may have")
                .doesNotContain(HistoryCodes.ENDPOINT, HistoryCodes.SLOT_ANSWER, HistoryCodes.MORE);
    }

    @Test
    void everyResultOfADialHasItsNumber() throws IOException {
        assertThat(codes(DialResult.values(), HistoryCodes::of))
                .isEqualTo(numbered(0, "FAILED", "OPENED", "OUT_OF_RESOURCES"));
        for (DialResult each : DialResult.values()) {
            assertThat(HistoryCodes.dialResult(HistoryCodes.of(each))).isEqualTo(each);
        }
    }

    @Test
    void everyReleaseKindHasItsNumberAndThereIsNoRoomForMore() throws IOException {
        assertThat(codes(ReleaseKind.values(), HistoryCodes::of))
                .isEqualTo(numbered(0, "REUSE", "RESET", "NOT_REUSABLE", "INVALIDATED", "LEAKED"))
                .hasSize(HistoryCodes.RELEASE_KINDS);
        for (ReleaseKind each : ReleaseKind.values()) {
            assertThat(HistoryCodes.releaseKind(HistoryCodes.of(each))).isEqualTo(each);
        }
    }

    @Test
    void everyCloseReasonHasItsNumber() throws IOException {
        assertThat(codes(CloseReason.values(), HistoryCodes::of))
                .isEqualTo(numbered(
                        0,
                        "IDLE_TIMEOUT",
                        "LIFETIME",
                        "EVICTED",
                        "RETIRED",
                        "PEER_CLOSED",
                        "UNEXPECTED_INPUT",
                        "NOT_REUSABLE",
                        "INVALIDATED",
                        "LEAKED",
                        "STEP_TIMEOUT",
                        "MANAGER_CLOSED",
                        "NO_ROOM"));
        for (CloseReason each : CloseReason.values()) {
            assertThat(HistoryCodes.closeReason(HistoryCodes.of(each))).isEqualTo(each);
        }
    }

    @Test
    void everyLeaseOriginHasItsNumber() {
        assertThat(codes(LeaseOrigin.values(), HistoryCodes::of))
                .isEqualTo(numbered(0, "IMMEDIATE", "DEFERRED", "NEW"));
    }

    @Test
    void everyAcquireOutcomeHasItsNumber() {
        assertThat(codes(AcquireOutcome.values(), HistoryCodes::of))
                .isEqualTo(numbered(
                        1,
                        "SERVED",
                        "CANCELLED",
                        "TIMED_OUT",
                        "DIAL_FAILED",
                        "DIAL_TIMED_OUT",
                        "QUEUE_FULL",
                        "PAUSED",
                        "CLOSED"));
    }

    @Test
    void anUnusedNumberIsRefused() {
        assertThatThrownBy(() -> HistoryCodes.closeReason(12))
                .isInstanceOf(IOException.class)
                .hasMessage("not a history: 12 is no reason of a close in version 5");
        assertThatThrownBy(() -> HistoryCodes.closeReason(-1)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> HistoryCodes.eventKind(19)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> HistoryCodes.eventKind(1L << Integer.SIZE)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> HistoryCodes.dialResult(3)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> HistoryCodes.releaseKind(-1)).isInstanceOf(IOException.class);
    }
}
