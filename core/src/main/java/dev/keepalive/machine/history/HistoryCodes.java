package dev.keepalive.machine.history;

import dev.keepalive.CloseReason;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.machine.AcquireOutcome;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.ReleaseKind;
import java.io.IOException;
import java.util.function.ToIntFunction;

/**
 * The numbers that stand for constants in a history. They are part of the file format: a number never changes, and
 * never gets another meaning. No switch has a default, so a new constant without a number does not compile.
 */
final class HistoryCodes {
    /** The first byte of a history: the version of the format, the only one that can be read. */
    static final int VERSION = 5;

    /** The kind of an entry that defines an endpoint: its number, and all its parts. */
    static final int ENDPOINT = 100;

    /**
     * The kind of an entry with an answer of an {@link dev.keepalive.machine.AtomicSlot}. It follows the event in which
     * the machine asked.
     */
    static final int SLOT_ANSWER = 101;

    /** The kind of an entry that adds a number to the event that follows. */
    static final int MORE = 102;

    /**
     * A release has its lease's number and its kind in one number: the lease's number times this, plus the code of the
     * kind. So there is no code for one more release kind in this version of the format.
     */
    static final int RELEASE_KINDS = 5;

    private HistoryCodes() {}

    static int of(EventKind kind) {
        return switch (kind) {
            case ACQUIRE -> 0;
            case TRY_ACQUIRE -> 1;
            case CANCEL -> 2;
            case PERMIT_ANSWERED -> 3;
            case DIAL_DONE -> 4;
            case RESET_DONE -> 5;
            case RELEASED -> 6;
            case CLOSED -> 7;
            case TICK -> 8;
            case CONFIGURE -> 9;
            case RETIRE -> 10;
            case RETIRE_ONE -> 11;
            case RETIRE_ALL -> 12;
            case OWED -> 13;
            case DRAIN -> 14;
            case SHUTDOWN -> 15;
            case OPENED_SHARED -> 16;
            case CAPACITY -> 17;
            case LEASE_RESET -> 18;
        };
    }

    static int of(DialResult result) {
        return switch (result) {
            case FAILED -> 0;
            case OPENED -> 1;
            case OUT_OF_RESOURCES -> 2;
        };
    }

    /** The code of the kind, less than {@link #RELEASE_KINDS}. */
    static int of(ReleaseKind kind) {
        return switch (kind) {
            case REUSE -> 0;
            case RESET -> 1;
            case NOT_REUSABLE -> 2;
            case INVALIDATED -> 3;
            case LEAKED -> 4;
        };
    }

    static int of(CloseReason reason) {
        return switch (reason) {
            case IDLE_TIMEOUT -> 0;
            case LIFETIME -> 1;
            case EVICTED -> 2;
            case RETIRED -> 3;
            case PEER_CLOSED -> 4;
            case UNEXPECTED_INPUT -> 5;
            case NOT_REUSABLE -> 6;
            case INVALIDATED -> 7;
            case LEAKED -> 8;
            case STEP_TIMEOUT -> 9;
            case MANAGER_CLOSED -> 10;
            case NO_ROOM -> 11;
        };
    }

    /** The code of the origin. It is only used in the digest of effects. */
    static int of(LeaseOrigin origin) {
        return switch (origin) {
            case IMMEDIATE -> 0;
            case DEFERRED -> 1;
            case NEW -> 2;
        };
    }

    /**
     * The code of the outcome. It is only used in the digest of effects. Code 0 stood for a constant that no longer
     * exists.
     */
    static int of(AcquireOutcome outcome) {
        return switch (outcome) {
            case SERVED -> 1;
            case CANCELLED -> 2;
            case TIMED_OUT -> 3;
            case DIAL_FAILED -> 4;
            case DIAL_TIMED_OUT -> 5;
            case QUEUE_FULL -> 6;
            case PAUSED -> 7;
            case CLOSED -> 8;
        };
    }

    static EventKind eventKind(long code) throws IOException {
        return constant(EventKind.values(), HistoryCodes::of, code, "kind of event");
    }

    static DialResult dialResult(long code) throws IOException {
        return constant(DialResult.values(), HistoryCodes::of, code, "result of a dial");
    }

    static ReleaseKind releaseKind(long code) throws IOException {
        return constant(ReleaseKind.values(), HistoryCodes::of, code, "release kind");
    }

    static CloseReason closeReason(long code) throws IOException {
        return constant(CloseReason.values(), HistoryCodes::of, code, "reason of a close");
    }

    private static <T> T constant(T[] all, ToIntFunction<T> codes, long code, String what) throws IOException {
        for (T constant : all) {
            if (codes.applyAsInt(constant) == code) {
                return constant;
            }
        }
        throw new IOException("not a history: " + code + " is no " + what + " in version " + VERSION);
    }
}
