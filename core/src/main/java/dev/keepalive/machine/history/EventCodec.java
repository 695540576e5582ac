package dev.keepalive.machine.history;

import dev.keepalive.CloseReason;
import dev.keepalive.Limits;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.History;
import dev.keepalive.machine.ReleaseKind;
import java.io.IOException;

/**
 * The format of events. The encoder of an event is the method of {@link History} for it. Its decoder stands below it,
 * and calls the same method of another history.
 */
public abstract class EventCodec implements History {
    private static final int LOOP = 0xFFFF;
    private static final int FRESH = 0x1_0000;
    private static final int PATIENT = 0x2_0000;
    private static final int EXPECTED_SHIFT = 18;

    /** Takes each event in numbers, as {@link RecordedEvent} describes them. */
    protected abstract void event(EventKind kind, long time, long subject, long detail, long more);

    /**
     * Calls the history's method for an event that was read.
     *
     * @throws IOException if one of the event's numbers has no meaning
     */
    public static void decode(RecordedEvent event, History to) throws IOException {
        switch (event.kind()) {
            case ACQUIRE -> acquire(event, to);
            case TRY_ACQUIRE -> tryAcquire(event, to);
            case CANCEL -> cancel(event, to);
            case PERMIT_ANSWERED -> permitAnswered(event, to);
            case DIAL_DONE -> dialDone(event, to);
            case RESET_DONE -> resetDone(event, to);
            case RELEASED -> released(event, to);
            case CLOSED -> closed(event, to);
            case TICK -> tick(event, to);
            case CONFIGURE -> configure(event, to);
            case RETIRE -> retire(event, to);
            case RETIRE_ONE -> retireOne(event, to);
            case RETIRE_ALL -> retireAll(event, to);
            case OWED -> owed(event, to);
            case DRAIN -> drain(event, to);
            case SHUTDOWN -> shutdown(event, to);
            case OPENED_SHARED -> openedShared(event, to);
            case CAPACITY -> capacity(event, to);
            case LEASE_RESET -> leaseReset(event, to);
        }
    }

    /**
     * The number of the event loop, a short, is in the lower half. In the upper half, 1 asks for a fresh connection,
     * and 2 for patience when dials fail. Above them is how many leases a connection is expected to take, less one.
     */
    @Override
    public final void acquire(
            long time, long endpoint, long deadline, int loop, boolean fresh, boolean patient, int expected) {
        int wishes = loop & LOOP | (fresh ? FRESH : 0) | (patient ? PATIENT : 0);
        long more = wishes | (long) (expected - 1) << EXPECTED_SHIFT;
        event(EventKind.ACQUIRE, time, endpoint, deadline, more);
    }

    private static void acquire(RecordedEvent event, History to) throws IOException {
        boolean fresh = (event.more() & FRESH) != 0;
        boolean patient = (event.more() & PATIENT) != 0;
        int expected = leases(1 + (event.more() >> EXPECTED_SHIFT), 1);
        to.acquire(event.time(), event.subject(), event.detail(), (short) event.more(), fresh, patient, expected);
    }

    @Override
    public final void tryAcquire(long time, long endpoint, int loop) {
        event(EventKind.TRY_ACQUIRE, time, endpoint, 0, loop);
    }

    private static void tryAcquire(RecordedEvent event, History to) {
        to.tryAcquire(event.time(), event.subject(), (int) event.more());
    }

    @Override
    public final void cancel(long time, long waiter) {
        event(EventKind.CANCEL, time, waiter, 0, 0);
    }

    private static void cancel(RecordedEvent event, History to) {
        to.cancel(event.time(), event.subject());
    }

    @Override
    public final void permitAnswered(long time, long slot, boolean granted) {
        event(EventKind.PERMIT_ANSWERED, time, slot, granted ? 1 : 0, 0);
    }

    private static void permitAnswered(RecordedEvent event, History to) {
        to.permitAnswered(event.time(), event.subject(), event.detail() == 1);
    }

    @Override
    public final void dialDone(long time, long slot, DialResult result, int loop) {
        event(EventKind.DIAL_DONE, time, slot, HistoryCodes.of(result), loop);
    }

    private static void dialDone(RecordedEvent event, History to) throws IOException {
        to.dialDone(event.time(), event.subject(), HistoryCodes.dialResult(event.detail()), (int) event.more());
    }

    @Override
    public final void openedShared(long time, long slot, int loop, int capacity) {
        event(EventKind.OPENED_SHARED, time, slot, capacity, loop);
    }

    private static void openedShared(RecordedEvent event, History to) throws IOException {
        to.openedShared(event.time(), event.subject(), (int) event.more(), leases(event.detail(), 1));
    }

    @Override
    public final void capacity(long time, long slot, int capacity) {
        event(EventKind.CAPACITY, time, slot, capacity, 0);
    }

    private static void capacity(RecordedEvent event, History to) throws IOException {
        to.capacity(event.time(), event.subject(), leases(event.detail(), 0));
    }

    private static int leases(long number, int least) throws IOException {
        if (number < least || number > Integer.MAX_VALUE) {
            throw new IOException("not a history: a connection that takes " + number + " leases");
        }
        return (int) number;
    }

    @Override
    public final void leaseReset(long time, long slot, long lease, boolean reusable) {
        event(EventKind.LEASE_RESET, time, slot, lease, reusable ? 1 : 0);
    }

    private static void leaseReset(RecordedEvent event, History to) {
        to.leaseReset(event.time(), event.subject(), event.detail(), event.more() == 1);
    }

    @Override
    public final void resetDone(long time, long slot, boolean reusable) {
        event(EventKind.RESET_DONE, time, slot, reusable ? 1 : 0, 0);
    }

    private static void resetDone(RecordedEvent event, History to) {
        to.resetDone(event.time(), event.subject(), event.detail() == 1);
    }

    @Override
    public final void released(long time, long slot, long lease, ReleaseKind kind, long as) {
        event(EventKind.RELEASED, time, slot, lease * HistoryCodes.RELEASE_KINDS + HistoryCodes.of(kind), as);
    }

    private static void released(RecordedEvent event, History to) throws IOException {
        long lease = event.detail() / HistoryCodes.RELEASE_KINDS;
        ReleaseKind kind = HistoryCodes.releaseKind(event.detail() % HistoryCodes.RELEASE_KINDS);
        to.released(event.time(), event.subject(), lease, kind, event.more());
    }

    @Override
    public final void closed(long time, long slot, CloseReason reason) {
        event(EventKind.CLOSED, time, slot, HistoryCodes.of(reason), 0);
    }

    private static void closed(RecordedEvent event, History to) throws IOException {
        to.closed(event.time(), event.subject(), HistoryCodes.closeReason(event.detail()));
    }

    @Override
    public final void tick(long time) {
        event(EventKind.TICK, time, 0, 0, 0);
    }

    private static void tick(RecordedEvent event, History to) {
        to.tick(event.time());
    }

    /** Two limits are in each number: the first in the upper half, the second in the lower half. */
    @Override
    public final void configure(long time, Limits limits) {
        long connections = (long) limits.maxOpen() << Integer.SIZE | limits.maxOpenPerEndpoint();
        long others = (long) limits.maxWaitingPerEndpoint() << Integer.SIZE | limits.maxDialsPerEndpoint();
        event(EventKind.CONFIGURE, time, connections, others, 0);
    }

    private static void configure(RecordedEvent event, History to) throws IOException {
        long connections = event.subject();
        long others = event.detail();
        int maxOpen = (int) (connections >> Integer.SIZE);
        int maxWaiting = (int) (others >> Integer.SIZE);
        to.configure(event.time(), HeaderCodec.limits(maxOpen, (int) connections, maxWaiting, (int) others));
    }

    @Override
    public final void retire(long time, long endpoint) {
        event(EventKind.RETIRE, time, endpoint, 0, 0);
    }

    private static void retire(RecordedEvent event, History to) {
        to.retire(event.time(), event.subject());
    }

    @Override
    public final void retireOne(long time, long slot) {
        event(EventKind.RETIRE_ONE, time, slot, 0, 0);
    }

    private static void retireOne(RecordedEvent event, History to) {
        to.retireOne(event.time(), event.subject());
    }

    @Override
    public final void retireAll(long time) {
        event(EventKind.RETIRE_ALL, time, 0, 0, 0);
    }

    private static void retireAll(RecordedEvent event, History to) {
        to.retireAll(event.time());
    }

    @Override
    public final void owed(long time, int level) {
        event(EventKind.OWED, time, level, 0, 0);
    }

    private static void owed(RecordedEvent event, History to) {
        to.owed(event.time(), (int) event.subject());
    }

    @Override
    public final void drain(long time, long deadline) {
        event(EventKind.DRAIN, time, 0, deadline, 0);
    }

    private static void drain(RecordedEvent event, History to) {
        to.drain(event.time(), event.detail());
    }

    @Override
    public final void shutdown(long time) {
        event(EventKind.SHUTDOWN, time, 0, 0, 0);
    }

    private static void shutdown(RecordedEvent event, History to) {
        to.shutdown(event.time());
    }
}
