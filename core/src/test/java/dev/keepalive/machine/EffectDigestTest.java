package dev.keepalive.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.machine.history.EffectDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EffectDigestTest {
    private static final Counts NOTHING = SlotCounts.NONE;
    private static final Endpoint ENDPOINT = Endpoint.of("line", "a", 1);
    private static final EndpointState HOME = new EndpointState(ENDPOINT, 1, 0);

    private final EffectDigest digest = new EffectDigest();

    /**
     * Effects of each kind. Each of them differs from the one before it in its kind, or in one value that a history
     * must have.
     */
    private static List<Effect> effects() {
        Slot slot = slot(1);
        List<Effect> all = new ArrayList<>(List.of(
                deliver(1, slot, 1, LeaseOrigin.NEW),
                deliver(2, slot, 1, LeaseOrigin.NEW),
                deliver(2, slot(2), 1, LeaseOrigin.NEW),
                deliver(2, slot(2), 2, LeaseOrigin.NEW),
                deliver(2, slot(2), 2, LeaseOrigin.IMMEDIATE),
                fail(1, AcquireOutcome.TIMED_OUT),
                fail(2, AcquireOutcome.TIMED_OUT),
                fail(2, AcquireOutcome.CLOSED),
                new Effect.WakeAt(1, 1),
                new Effect.WakeAt(2, 1),
                new Effect.WakeAt(2, 2),
                new Effect.Finished(true),
                new Effect.Finished(false)));
        for (Slot each : List.of(slot, slot(2))) {
            all.addAll(List.of(
                    new Effect.RequestPermit(each),
                    new Effect.CancelPermitRequest(each),
                    new Effect.ReturnPermit(each),
                    new Effect.Dial(each),
                    new Effect.CloseOverdue(each),
                    new Effect.HeldTooLong(each, 1),
                    new Effect.HeldTooLong(each, 2),
                    new Effect.Lingers(each, 1),
                    new Effect.Lingers(each, 2)));
            for (CloseReason reason : List.of(CloseReason.EVICTED, CloseReason.LIFETIME)) {
                all.addAll(List.of(
                        new Effect.Stop(each, reason), new Effect.Close(each, reason), new Effect.Gone(each, reason)));
            }
        }
        return all;
    }

    private static Slot slot(long number) {
        return new Slot(HOME, number, slot -> new UnusedAtomicSlot());
    }

    private static Effect deliver(long sequence, Slot slot, long lease, LeaseOrigin origin) {
        return new Effect.Deliver(waiter(sequence), "w", slot, lease, origin);
    }

    private static Effect fail(long sequence, AcquireOutcome outcome) {
        return new Effect.Fail(waiter(sequence), "w", outcome, null, null, NOTHING, NOTHING);
    }

    private static Waiter waiter(long sequence) {
        Waiter waiter = new Waiter(ENDPOINT, "w", Long.MAX_VALUE, 0);
        waiter.sequence = sequence;
        return waiter;
    }

    private long of(Effect... effects) {
        for (Effect effect : effects) {
            digest.add(effect);
        }
        return digest.take();
    }

    @Test
    void noTwoEffectsHaveTheSameDigestWhateverFollowsThem() {
        Map<Long, Effect> alone = new HashMap<>();
        Map<Long, Effect> first = new HashMap<>();
        for (Effect effect : effects()) {
            assertThat(alone.put(of(effect), effect)).as(effect + " alone").isNull();
            assertThat(first.put(of(effect, new Effect.Finished(true)), effect))
                    .as(effect + " before another")
                    .isNull();
        }
        assertThat(alone).hasSizeGreaterThan(30).doesNotContainKey(of());
    }

    @Test
    void everyKindOfEffectIsAmongThem() {
        Set<Class<?>> kinds = new HashSet<>();
        effects().forEach(effect -> kinds.add(effect.getClass()));
        assertThat(kinds).containsExactlyInAnyOrder(Effect.class.getPermittedSubclasses());
    }

    @Test
    void theOrderCounts() {
        Effect one = new Effect.Dial(slot(1));
        Effect other = new Effect.Dial(slot(2));
        assertThat(of(one, other)).isNotEqualTo(of(other, one));
    }

    @Test
    void takingTheDigestResetsIt() {
        Effect effect = new Effect.Dial(slot(1));
        assertThat(of(effect)).isEqualTo(of(effect));
    }

    @Test
    void theDigestFitsIntoTwoBytesForAnyNumberOfEffects() {
        List<Effect> effects = effects();
        for (int i = 0; i < 10; i++) {
            assertThat(of(effects.toArray(Effect[]::new))).isBetween(0L, 0xFFFFL);
        }
    }

    @Test
    void theDigestIsThatOfEarlierRecordings() {
        assertThat(of(effects().toArray(Effect[]::new)))
                .as("another digest needs a new version of the format, since earlier recordings cannot be replayed")
                .isEqualTo(13296);
    }

    /** An atomic slot that is never called. */
    private static final class UnusedAtomicSlot implements AtomicSlot {
        @Override
        public long revoke(long known) {
            throw new AssertionError("revoked");
        }

        @Override
        public long lastUsed() {
            throw new AssertionError("asked for its last use");
        }

        @Override
        public long claim() {
            throw new AssertionError("claimed");
        }

        @Override
        public boolean park(long since) {
            throw new AssertionError("parked");
        }

        @Override
        public boolean isDead() {
            return false;
        }

        @Override
        public void markDead() {
            throw new AssertionError("marked dead");
        }
    }
}
