package dev.keepalive.fuzz;

import dev.keepalive.fuzz.Link.Use;
import dev.keepalive.fuzz.World.Held;
import dev.keepalive.machine.ReleaseKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Those who help themselves to what is idle and bring it back, without the machine. If they cannot do so without it,
 * the connection changes hands first and the machine hears of it later, with other events in between.
 */
final class Borrowers {
    private final World world;
    private final Stage stage;

    /** Leases that have ended, whose connections are being cleaned up. */
    final List<Held> returning = new ArrayList<>();

    /** Ends of leases that the machine is about to hear of. */
    final List<Told> telling = new ArrayList<>();

    Borrowers(World world, Stage stage) {
        this.world = world;
        this.stage = stage;
    }

    /** What the machine is to be told of a lease. */
    record Told(Held lease, ReleaseKind kind, @Nullable String as) {}

    /** @param late the time is not noted until the connection is brought back */
    @Nullable
    Held borrow(List<Link> from, int which, boolean late) {
        List<Link> idle = new ArrayList<>(from);
        idle.removeIf(link -> !link.is(Use.IDLE));
        if (idle.isEmpty()) {
            return null;
        }
        Link link = idle.get(which % idle.size());
        Held held = new Held(link.slot, link.borrow(late ? 0 : stage.latest()));
        world.held.add(held);
        stage.unheard("somebody borrows " + link.slot.number() + " lease " + held.lease());
        return held;
    }

    /** True if only who has the lease knows of it. */
    static boolean isBorrowed(Held lease) {
        return World.link(lease.slot()).isUnheardOf(lease.lease());
    }

    void release(Held lease, ReleaseKind kind) {
        Link link = World.link(lease.slot());
        ReleaseKind told = link.is(Use.DEAD) && mayReuse(kind) ? ReleaseKind.NOT_REUSABLE : kind;
        if (!link.bringBack(told, stage.latest())) {
            tellLater(lease, told, null);
        } else if (kind == ReleaseKind.REUSE) {
            returned(lease, true);
        } else {
            returning.add(lease);
            stage.unheard("somebody brings back " + lease.slot().number() + " to be cleaned up");
        }
    }

    private static boolean mayReuse(ReleaseKind kind) {
        return kind == ReleaseKind.REUSE || kind == ReleaseKind.RESET;
    }

    void releaseAs(Held lease, ReleaseKind kind, String as) {
        Link link = World.link(lease.slot());
        if (link.is(Use.DEAD) || as.equals(lease.slot().endpoint().scheme())) {
            release(lease, kind);
        } else {
            link.recall();
            link.bringBack(kind, stage.latest());
            tellLater(lease, kind, as);
        }
    }

    /**
     * A clean-up is answered: 0 quiet, 1 unquiet, 2 and 3 later; if the machine has taken it meanwhile, it is told of a
     * reset, or of a quiet one.
     */
    void answer(@Nullable Held lease, int how) {
        if (lease == null) {
            return;
        }
        Link link = World.link(lease.slot());
        if (link.is(Use.DEAD)) {
            // The connector, which has noticed it, tells that it is gone.
            world.remember(lease);
            world.closing.add(link);
        } else if (how < 2) {
            answer(lease, how == 0);
        } else if (link.returnsLater()) {
            returning.add(lease);
            stage.unheard("the clean-up of " + lease.slot().number() + " takes its time");
        } else {
            tellLater(lease, how == 2 ? ReleaseKind.RESET : ReleaseKind.REUSE, null);
        }
    }

    private void answer(Held lease, boolean quiet) {
        if (World.link(lease.slot()).isAwaited()) {
            stage.reset(lease.slot(), quiet);
        } else {
            returned(lease, quiet);
        }
    }

    private void returned(Held lease, boolean quiet) {
        Link link = World.link(lease.slot());
        if (!link.returned(quiet)) {
            tellLater(lease, quiet ? ReleaseKind.REUSE : ReleaseKind.NOT_REUSABLE, null);
        } else if (link.is(Use.DEAD)) {
            tellLater(lease, ReleaseKind.NOT_REUSABLE, null);
        } else {
            world.remember(lease);
            stage.unheard("somebody brings back " + lease.slot().number());
        }
    }

    private void tellLater(Held lease, ReleaseKind kind, @Nullable String as) {
        telling.add(new Told(lease, kind, as));
        stage.unheard("somebody is about to tell of " + lease.slot().number());
    }

    void tell(@Nullable Told end) {
        if (end != null) {
            World.link(end.lease.slot()).tell(end.lease.lease(), () -> world.released(end.lease, end.kind, end.as));
        }
    }
}
