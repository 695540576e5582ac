package dev.keepalive.bench.contenders;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A contender by name, before it is made.
 *
 * @param name as the command line and the tables have it
 * @param kind what it is measured for
 * @param abilities what it can do; each workload says what it needs
 * @param mostEndpoints with how many endpoints it is measured at most: with more, one cycle would take milliseconds
 * @param maker makes it
 */
public record Entrant(String name, Kind kind, Set<Ability> abilities, int mostEndpoints, Maker maker) {
    static Entrant of(String name, Kind kind, Maker maker, Ability... abilities) {
        return new Entrant(name, kind, Set.of(), Integer.MAX_VALUE, maker).and(abilities);
    }

    Entrant and(Ability... more) {
        Set<Ability> all = EnumSet.noneOf(Ability.class);
        all.addAll(abilities);
        all.addAll(List.of(more));
        return new Entrant(name, kind, all, all.contains(Ability.KEYS) ? Integer.MAX_VALUE : 1, maker);
    }

    Entrant upTo(int endpoints) {
        return new Entrant(name, kind, abilities, endpoints, maker);
    }

    /** Makes the contender. */
    public Contender make(Setting setting) {
        return maker.make(setting);
    }

    /** True if it can do all of this. */
    public boolean can(Ability... needed) {
        return abilities.containsAll(Set.of(needed));
    }

    /** Makes a contender for a setting. */
    @FunctionalInterface
    public interface Maker {
        /** Makes it. */
        Contender make(Setting setting);
    }
}
