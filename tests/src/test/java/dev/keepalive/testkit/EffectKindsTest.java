package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Limits;
import dev.keepalive.machine.AcquireOutcome;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.History;
import dev.keepalive.machine.Machine;
import dev.keepalive.machine.MachineConfig;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.SlotCounts;
import dev.keepalive.machine.Waiter;
import dev.keepalive.machine.history.EffectDigest;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Code that tells the kinds of effects apart: it knows each kind, and fails if the effect is of no kind. */
class EffectKindsTest {
    private static final long LONG = 1000;
    private static final Counts NOTHING = SlotCounts.NONE;

    private static Slot deadSlot() {
        List<Effect> effects = new ArrayList<>();
        MachineConfig config = new MachineConfig(
                LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, 100, 0, false, 0);
        Machine machine =
                new Machine(new Limits(1, 1, 1, 1), config, ScriptedAtomicSlot::new, effects::add, History.NONE);
        machine.acquire(waiter(), 0);
        machine.shutdown(0);
        return effects.stream()
                .filter(Effect.Dial.class::isInstance)
                .map(dial -> ((Effect.Dial) dial).slot())
                .findFirst()
                .orElseThrow();
    }

    private static Waiter waiter() {
        return new Waiter(Endpoint.of("line", "a", 1), "w", Long.MAX_VALUE, 0);
    }

    /** One effect of each kind. */
    private static List<Effect> oneOfEachKind() throws ReflectiveOperationException {
        Map<Class<?>, Object> samples = Map.of(
                Waiter.class,
                waiter(),
                Object.class,
                "w",
                Slot.class,
                deadSlot(),
                long.class,
                1L,
                int.class,
                1,
                boolean.class,
                true,
                LeaseOrigin.class,
                LeaseOrigin.NEW,
                AcquireOutcome.class,
                AcquireOutcome.TIMED_OUT,
                CloseReason.class,
                CloseReason.EVICTED,
                Counts.class,
                NOTHING);
        List<Effect> effects = new ArrayList<>();
        for (Class<?> kind : Effect.class.getPermittedSubclasses()) {
            Class<?>[] types = Arrays.stream(kind.getRecordComponents())
                    .map(RecordComponent::getType)
                    .toArray(Class<?>[]::new);
            assertThat(samples.keySet()).as("components of %s", kind).contains(types);
            Object[] values = Arrays.stream(types).map(samples::get).toArray();
            effects.add((Effect) kind.getConstructor(types).newInstance(values));
        }
        return effects;
    }

    @Test
    void everyEffectHasATextOfItsOwn() throws ReflectiveOperationException {
        List<String> lines = oneOfEachKind().stream().map(EffectText::of).toList();
        assertThat(lines).doesNotHaveDuplicates().noneMatch(String::isBlank);
        assertThatThrownBy(() -> EffectText.of(null)).isInstanceOf(AssertionError.class);
    }

    @Test
    void everyEffectIsKnownToTheLog() throws ReflectiveOperationException {
        for (Effect effect : oneOfEachKind()) {
            new EffectLog().add(effect);
        }
        assertThatThrownBy(() -> new EffectLog().add(null)).isInstanceOf(AssertionError.class);
    }

    @Test
    void everyEffectHasANumberOfItsOwn() throws ReflectiveOperationException {
        EffectDigest digest = new EffectDigest();
        List<Long> numbers = new ArrayList<>();
        for (Effect effect : oneOfEachKind()) {
            digest.add(effect);
            numbers.add(digest.take());
        }
        assertThat(numbers).doesNotHaveDuplicates();
        assertThatThrownBy(() -> digest.add(null)).isInstanceOf(IllegalStateException.class);
    }
}
