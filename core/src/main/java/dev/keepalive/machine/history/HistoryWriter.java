package dev.keepalive.machine.history;

import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.MachineConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a machine's history down in bytes, a handful per event: first the limits and rules, then entries. An entry is
 * its kind and its numbers; times are differences to the time before. Each event begins with a digest of the effects
 * since the event before, so that whoever replays a history knows at once if something else comes of it.
 * {@link HistoryReader} reads it. Not safe for several threads.
 */
public final class HistoryWriter extends EventCodec {
    private final NumberWriter out = new NumberWriter();
    private long time;
    private final EffectDigest digest = new EffectDigest();

    /** What wires have answered in the event that has begun, while it is not known what event it is. */
    private final List<Long> earlyAnswers = new ArrayList<>();

    private boolean begun;

    /** A history that begins with these limits and rules. */
    public HistoryWriter(Limits limits, MachineConfig config) {
        HeaderCodec.writeVersion(out);
        HeaderCodec.write(out, limits);
        HeaderCodec.write(out, config);
    }

    /** How many bytes have been written and not been taken. */
    public int size() {
        return out.size();
    }

    /** Takes what has been written since the last time. */
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
