package dev.keepalive.machine;

import static dev.keepalive.machine.Invariants.require;

import dev.keepalive.machine.Slot.State;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks what must hold of shared slots, by a walk over them: places are counted right, room serves waiters, and no
 * more slots yield than there is a reason for.
 */
final class SharedInvariants {
    private final Machine machine;
    private final Set<Places> yielding = new HashSet<>();
    private SharedCounts all = new SharedCounts();

    SharedInvariants(Machine machine) {
        this.machine = machine;
    }

    void begin() {
        all = new SharedCounts();
        yielding.clear();
        machine.sharedTransitions.yielding.forEach(yielding::add);
    }

    void check(EndpointState endpoint) {
        SharedCounts counts = new SharedCounts();
        SharedSlots shared = endpoint.sharedOrNull();
        int yields = 0;
        int retired = 0;
        long room = 0;
        for (Slot slot : endpoint.slots()) {
            Places places = slot.places();
            if (places == null) {
                boolean leaves = slot.state == State.LEASED && slot.retired;
                counts.leaving += leaves ? 1 : 0;
                continue;
            }
            check(places);
            add(places, counts);
            yields += places.yields ? 1 : 0;
            retired += slot.retired ? 1 : 0;
            room += places.room();
        }
        if (shared == null) {
            require(counts.leaving == 0, 2, "leaving slots are counted", endpoint);
            return;
        }
        require(!shared.isEmpty(), 8, "nothing is kept of shared slots that are gone", endpoint);
        require(same(shared.counts, counts), 2, "shared slots are counted right", endpoint);
        require(shared.yielding == yields && shared.retired == retired, 2, "doors are counted right", endpoint);
        require(room == 0 || endpoint.ordinary() == 0, 3, "no waiter waits beside room", endpoint);
        all.change(new SharedCounts(), counts);
    }

    private void check(Places places) {
        Slot slot = places.slot;
        require(slot.state == State.IDLE || slot.state == State.LEASED, 2, "only an open slot has places", slot);
        require((slot.state == State.IDLE) == (places.taken() == 0), 2, "idle if no place is taken", slot);
        require(places.yields == yielding.contains(places), 2, "known to yield", slot);
        require(!places.yields || slot.state == State.LEASED && !slot.retired, 9, "only a slot in use yields", slot);
        require((places.room() > 0) == (places.listWithRoom != null), 3, "known to have room", slot);
        require(
                places.listWithRoom == null || places.listKey == places.taken(),
                3,
                "listed by the places that are taken",
                slot);
        checkPlaces(places, slot);
    }

    private static void checkPlaces(Places places, Slot slot) {
        for (Place place : places.held) {
            require(!place.ending && places.of(place.lease) == place, 2, "a held place is known by its lease", slot);
            require(place.lease <= slot.lease, 2, "no lease has a later number than the last", slot);
        }
        for (Place place : places.ending) {
            require(place.ending && places.of(place.lease) == place, 2, "an ending place is known by its lease", slot);
        }
    }

    private static void add(Places places, SharedCounts counts) {
        boolean leased = places.slot.state == State.LEASED;
        counts.idle += leased ? 0 : 1;
        counts.leased += leased ? 1 : 0;
        counts.leases += places.held.size();
        counts.room += places.room();
        counts.leaving += leased && (places.yields || places.slot.retired) ? 1 : 0;
    }

    private static boolean same(SharedCounts one, SharedCounts other) {
        return one.idle == other.idle
                && one.leased == other.leased
                && one.leases == other.leases
                && one.room == other.room
                && one.leaving == other.leaving;
    }

    void checkTotals() {
        require(same(machine.counters.shared, all), 2, "shared slots of all endpoints are counted right", null);
        Places unjustified = machine.yieldRules.nextToTakeBack(machine.now());
        require(unjustified == null, 9, "no slot yields for nobody", slotOf(unjustified));
    }

    private static @Nullable Slot slotOf(@Nullable Places places) {
        return places == null ? null : places.slot;
    }
}
