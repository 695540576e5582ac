package dev.keepalive.machine.history;

import dev.keepalive.Limits;
import dev.keepalive.machine.History;
import dev.keepalive.machine.MachineConfig;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Reads a history that a {@link HistoryWriter} has written, entry by entry. Not safe for use by several threads. */
public final class HistoryReader {
    private final NumberReader in;
    private final Limits limits;
    private final MachineConfig config;
    private long time;

    /**
     * Reads the beginning of a history.
     *
     * @throws IOException if it is not a history, not of the version that can be read, or cannot be read at all
     */
    public HistoryReader(InputStream stream) throws IOException {
        in = new NumberReader(stream);
        HeaderCodec.requireVersion(in);
        limits = HeaderCodec.readLimits(in);
        config = HeaderCodec.readConfig(in);
    }

    /** The limits at the beginning. */
    public Limits limits() {
        return limits;
    }

    /** The options of the machine. */
    public MachineConfig config() {
        return config;
    }

    /**
     * Reads the next event. {@link EventCodec#decode} interprets it.
     *
     * @param endpoints is told of the endpoints that are defined before the event
     * @return the event; null at the end
     * @throws IOException if the next entry cannot be read; an {@link java.io.EOFException} if the stream ends within
     *     an entry
     */
    public @Nullable RecordedEvent next(History endpoints) throws IOException {
        long more = 0;
        while (in.hasNext()) {
            long kind = in.number();
            if (kind == HistoryCodes.ENDPOINT) {
                endpoints.endpoint(in.number(), EndpointCodec.read(in));
            } else if (kind == HistoryCodes.MORE) {
                more = in.number();
            } else {
                return event(HistoryCodes.eventKind(kind), more);
            }
        }
        return null;
    }

    private RecordedEvent event(EventKind kind, long more) throws IOException {
        long digest = in.number();
        time += in.signed();
        return new RecordedEvent(kind, digest, time, in.number(), in.signed(), more);
    }

    /**
     * Reads the next answer of an {@link dev.keepalive.machine.AtomicSlot} in the event that was read last.
     *
     * @return the answer; null if there is no other one
     */
    public @Nullable Long nextSlotAnswer() throws IOException {
        return in.skipIf(HistoryCodes.SLOT_ANSWER) ? in.signed() : null;
    }
}
