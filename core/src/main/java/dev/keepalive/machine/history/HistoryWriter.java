package dev.keepalive.machine.history;

import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.MachineConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a machine's history in bytes, a few per event: first the version, the limits and the machine's options, then
 * entries. An entry is its kind and its numbers. Times are written as differences to the time before. Each event begins
 * with a digest of the effects since the event before, so a replay notices at once if its effects differ.
 * {@link HistoryReader} reads the bytes. Not safe for use by several threads.
 */
public final class HistoryWriter extends EventCodec {
    private final NumberWriter out = new NumberWriter();
    private long time;
    private final EffectDigest digest = new EffectDigest();

    /** The slots' answers in the present event, while its kind is not known yet. */
    private final List<Long> earlyAnswers = new ArrayList<>();

    private boolean begun;

    /** A history that begins with these limits and options. */
    public HistoryWriter(Limits limits, MachineConfig config) {
        HeaderCodec.writeVersion(out);
        HeaderCodec.write(out, limits);
        HeaderCodec.write(out, config);
    }

    /** How many bytes have been written and not yet taken. */
    public int size() {
        return out.size();
    }

    /** Returns the bytes that were written since the last call. */
    public byte[] take() {
        return out.take();
    }

    @Override
    public void endpoint(long number, Endpoint endpoint) {
        out.number(HistoryCodes.ENDPOINT);
        out.number(number);
        EndpointCodec.write(out, endpoint);
    }

    @Override
    public void eventBegins() {
        begun = true;
    }

    @Override
    protected void event(EventKind kind, long at, long subject, long detail, long more) {
        if (more != 0) {
            out.number(HistoryCodes.MORE);
            out.number(more);
        }
        out.number(HistoryCodes.of(kind));
        out.number(digest.take());
        out.signed(at - time);
        out.number(subject);
        out.signed(detail);
        time = at;
        begun = false;
        earlyAnswers.forEach(this::slotAnswered);
        earlyAnswers.clear();
    }

    @Override
    public void slotAnswered(long answer) {
        if (begun) {
            earlyAnswers.add(answer);
        } else {
            out.number(HistoryCodes.SLOT_ANSWER);
            out.signed(answer);
        }
    }

    @Override
    public void effect(Effect effect) {
        digest.add(effect);
    }
}
