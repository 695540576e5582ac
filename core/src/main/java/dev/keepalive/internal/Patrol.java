package dev.keepalive.internal;

import dev.keepalive.machine.Machine;
import dev.keepalive.spi.TimeSource.Alarm;
import java.lang.ref.Reference;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is done when the manager's alarm goes off: leaked leases are reclaimed, the machine ends what is due, and what
 * could not be begun before is begun again. Whatever is thrown, the alarm is set again. Runs on the alarm's thread.
 */
final class Patrol {
    /** After so long the alarm goes off again if the machine could not be told of the time, in nanoseconds. */
    static final long RETRY = TimeUnit.MILLISECONDS.toNanos(100);

    private final ManagerContext<?> context;
    private final EffectRunner<?> effectRunner;
    private final Alarm alarm;

    /** What the garbage collector found last, until it is reclaimed. */
    private @Nullable Reference<?> found;

    /** What the present patrol threw first; null if nothing. */
    private @Nullable Throwable thrown;

    /** True since a patrol threw, until one does not: only the first is reported. */
    private boolean failing;

    Patrol(ManagerContext<?> context, EffectRunner<?> effectRunner, Alarm alarm) {
        this.context = context;
        this.effectRunner = effectRunner;
        this.alarm = alarm;
    }

    /** Throws only if the alarm could not be set again. */
    void run() {
        if (effectRunner.isEnding()) {
            effectRunner.endIfOverdue();
            return;
        }
        thrown = null;
        reclaim();
        boolean ticked = tick();
        resume();
        report();
        if (!ticked || thrown != null) {
            alarm.set(RETRY);
        }
    }

    private void reclaim() {
        try {
            for (found = found == null ? next() : found; found != null; found = next()) {
                ((LeaseReference) found).reclaim();
            }
        } catch (Throwable failure) {
            thrown = failure;
        }
    }

    private @Nullable Reference<?> next() {
        return context.garbage().poll();
    }

    /** @return false if the machine did not set the alarm, since it was not told, or has failed */
    private boolean tick() {
        try {
            return context.machine().submit(Machine::tick);
        } catch (Throwable failure) {
            thrown = failure;
            return false;
        }
    }

    private void resume() {
        try {
            context.machine().flushHistory();
            context.listeners().resume();
            SharedBudget.Member member = context.member();
            if (member != null) {
                member.resume();
            }
        } catch (Throwable failure) {
            thrown = failure;
        }
    }

    private void report() {
        Throwable failure = thrown;
        if (failure != null && !failing) {
            context.listeners().userCodeThrew("the patrol of the manager", failure);
        }
        failing = failure != null;
    }
}
