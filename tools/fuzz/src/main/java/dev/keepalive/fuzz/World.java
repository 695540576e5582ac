package dev.keepalive.fuzz;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.ReleaseKind;
import dev.keepalive.machine.Slot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything around the machine: the shell, which performs effects in any order and feeds in events between any two of
 * them; the connector and the budget, which answer late, wrongly or never; those who ask, and those who hold leases.
 */
final class World {
    private static final long NEVER = Long.MAX_VALUE;
    private static final int MOST_REMEMBERED = 64;

    final Stage stage;
    final Setup setup;
    final List<Asked> asked = new ArrayList<>();
    final List<Effect> decided = new ArrayList<>();
    final List<Link> asking = new ArrayList<>();
    final List<Link> dialling = new ArrayList<>();
    final List<Link> opened = new ArrayList<>();
    private final List<Link> begun = new ArrayList<>();
    final List<Link> closing = new ArrayList<>();
    final List<Link> resetting = new ArrayList<>();
    final List<Held> held = new ArrayList<>();
    final Borrowers borrowers;
    private final List<Held> ended = new ArrayList<>();
    private int names;
    private long alarmVersion;

    /** When the alarm goes off. */
    long alarm = NEVER;

    /** Permits of the budget that are out. */
    int permits;

    World(Setup setup, Stage stage) {
        this.setup = setup;
        this.stage = stage;
        this.borrowers = new Borrowers(this, stage);
    }

    /** A lease that somebody has received. */
    record Held(Slot slot, long lease) {}

    // ---- operations

    void operate(Operation operation) {
        int which = operation.which();
        long value = operation.value();
        switch (operation.kind()) {
            case ACQUIRE -> arrive(home(which), value < 0 ? NEVER : stage.time + value, loop(which));
            case TRY -> stage.tryAcquire(somebody(home(which), NEVER, loop(which)));
            case CANCEL -> cancel(which, value);
            case PERFORM -> perform(take(decided, which));
            case ASKED -> answerAsk(take(asking, which), isOdd(value));
            case DIALLED -> answerDial(take(dialling, which), DialResult.values()[(int) value], loop(which));
            case RESET -> answerReset(take(resetting, which), isOdd(value));
            case BORROW -> borrowers.borrow(opened, which, isOdd(value));
            case RELEASE -> release(take(held, which), ReleaseKind.values()[(int) value]);
            case RELEASE_AS -> releaseAs(take(held, which), isOdd(value), home((int) (value / 2)));
            case RETURN -> borrowers.answer(take(borrowers.returning, which), (int) value);
            case TELL -> borrowers.tell(take(borrowers.telling, which));
            case STALE -> endAgain(pick(ended, which), ReleaseKind.values()[(int) value]);
            case CLOSED -> closed(take(closing, which), CloseReason.PEER_CLOSED);
            case LOST -> lose(pick(opened, which), value);
            case REFUSE -> refuse(pick(opened, which), isOdd(value));
            case PASS -> stage.time = Math.max(0, stage.time + value);
            case ALARM -> goOff();
            case TICK -> stage.tick();
            case CONFIGURE -> stage.configure(Setup.limits(value));
            case RETIRE -> retire(home(which), isOdd(value));
            case RETIRE_ONE -> retireOne(pick(begun, which));
            case OWED -> owed((int) value);
            case DRAIN -> stage.drain(value < 0 ? NEVER : stage.time + value);
            case SHUTDOWN -> stage.shutdown();
        }
        decided.addAll(stage.takeDecided());
    }

    private String home(int which) {
        return String.valueOf((char) ('a' + which % setup.endpoints()));
    }

    /** One of three event loops, or none. */
    private static int loop(int which) {
        return which / MOST_REMEMBERED % 4;
    }

    private static boolean isOdd(long value) {
        return (value & 1) == 1;
    }

    private static <T> @Nullable T pick(List<T> from, int which) {
        return from.isEmpty() ? null : from.get(which % from.size());
    }

    private static <T> @Nullable T take(List<T> from, int which) {
        return from.isEmpty() ? null : from.remove(which % from.size());
    }

    // ---- those who ask

    private Asked somebody(String home, long deadline, int loop) {
        return new Asked("w" + ++names, stage.endpoint(home), deadline, loop);
    }

    Asked acquire(String home, long deadline) {
        return acquire(home, deadline, 0);
    }

    private Asked acquire(String home, long deadline, int loop) {
        Asked somebody = somebody(home, deadline, loop);
        asked.add(somebody);
        stage.acquire(somebody);
        return somebody;
    }

    private void arrive(String home, long deadline, int loop) {
        if (stage.waiting() < setup.crowd()) {
            acquire(home, deadline, loop);
        }
    }

    private void cancel(int which, long value) {
        asked.removeIf(any -> any.answered && asked.size() > MOST_REMEMBERED);
        List<Asked> some = new ArrayList<>(asked);
        some.removeIf(any -> any.answered && !isOdd(value));
        Asked one = pick(some, which);
        if (one != null) {
            stage.cancel(one);
        }
    }

    // ---- those who hold leases

    void release(@Nullable Held lease, ReleaseKind kind) {
        if (lease == null) {
            return;
        }
        if (Borrowers.isBorrowed(lease)) {
            borrowers.release(lease, kind);
        } else {
            released(lease, kind, null);
        }
    }

    private void releaseAs(@Nullable Held lease, boolean toReset, String home) {
        if (lease == null) {
            return;
        }
        ReleaseKind kind = toReset ? ReleaseKind.RESET : ReleaseKind.REUSE;
        if (Borrowers.isBorrowed(lease)) {
            borrowers.releaseAs(lease, kind, home);
        } else {
            released(lease, kind, home);
        }
    }

    /** The machine hears of the end of a lease. */
    void released(Held lease, ReleaseKind kind, @Nullable String as) {
        remember(lease);
        link(lease.slot).released(lease.lease);
        stage.released(lease.slot, lease.lease, kind, as);
        if (kind == ReleaseKind.RESET) {
            resetting.add(link(lease.slot));
        }
    }

    /** Who has ended his lease may try to end it again. */
    void remember(Held lease) {
        ended.add(lease);
        if (ended.size() > MOST_REMEMBERED) {
            ended.remove(0);
        }
    }

    private void endAgain(@Nullable Held lease, ReleaseKind kind) {
        if (lease != null && !Borrowers.isBorrowed(lease)) {
            stage.released(lease.slot, lease.lease, kind, null);
        }
    }

    // ---- the connector, the budget and the peer

    void answerAsk(@Nullable Link link, boolean granted) {
        if (link != null && !link.askAnswered) {
            link.askAnswered = true;
            permits += granted ? 1 : 0;
            stage.asked(link.slot, granted);
        }
    }

    void answerDial(@Nullable Link link, DialResult result, int loop) {
        if (link != null && !link.dialAnswered) {
            link.dialAnswered = true;
            if (result == DialResult.OPENED) {
                link.opened = true;
                opened.add(link);
                if (opened.size() > MOST_REMEMBERED) {
                    opened.removeIf(any -> any.gone);
                }
            }
            stage.dialled(link.slot, result, loop);
        }
    }

    void answerReset(@Nullable Link link, boolean quiet) {
        if (link != null) {
            stage.reset(link.slot, quiet);
        }
    }

    void closed(@Nullable Link link, CloseReason reason) {
        if (link != null && !link.gone) {
            link.gone = true;
            link.dies();
            stage.closed(link.slot, reason);
        }
    }

    /** The peer ends a connection, perhaps one of which the machine has heard that it is gone. */
    private void lose(@Nullable Link link, long value) {
        if (link != null && (!link.gone || value > 1)) {
            link.gone = true;
            link.dies();
            stage.closed(link.slot, isOdd(value) ? CloseReason.UNEXPECTED_INPUT : CloseReason.PEER_CLOSED);
        }
    }

    private static void refuse(@Nullable Link link, boolean onlyToPark) {
        if (link != null && onlyToPark) {
            link.speaks();
        } else if (link != null) {
            link.dies();
        }
    }

    private void retire(String home, boolean all) {
        if (all) {
            stage.retireAll();
        } else {
            stage.retire(home);
        }
    }

    private void retireOne(@Nullable Link link) {
        if (link != null) {
            stage.retireOne(link.slot);
        }
    }

    private void owed(int level) {
        if (setup.config().budgeted()) {
            stage.owed(level);
        }
    }

    // ---- time

    void goOff() {
        if (alarm < NEVER) {
            stage.time = Math.max(stage.time, alarm);
            alarm = NEVER;
            stage.tick();
        }
    }

    // ---- the shell

    static Link link(Slot slot) {
        return (Link) slot.atomicSlot();
    }

    /** Performs an effect, in the order of no other. */
    void perform(@Nullable Effect effect) {
        if (effect instanceof Effect.Deliver deliver) {
            held.add(new Held(deliver.slot(), deliver.lease()));
        } else if (effect instanceof Effect.RequestPermit ask) {
            begin(link(ask.slot()));
        } else if (effect instanceof Effect.CancelPermitRequest unask) {
            withdraw(link(unask.slot()));
        } else if (effect instanceof Effect.Dial dial) {
            dial(link(dial.slot()));
        } else if (effect instanceof Effect.Stop stop) {
            stop(link(stop.slot()));
        } else if (effect instanceof Effect.Close close) {
            closing.add(link(close.slot()));
        } else if (effect instanceof Effect.ReturnPermit) {
            permits--;
        } else if (effect instanceof Effect.WakeAt wake && wake.version() > alarmVersion) {
            alarmVersion = wake.version();
            alarm = wake.time();
        }
    }

    private void begin(Link link) {
        link.askBegun = true;
        if (!link.neverAsks) {
            asking.add(link);
        }
    }

    /** An ask that has not reached the budget yet never will; any other is still answered, one way or the other. */
    private void withdraw(Link link) {
        if (!link.askBegun) {
            link.neverAsks = true;
            answerAsk(link, false);
        }
    }

    private void dial(Link link) {
        begun.add(link);
        if (begun.size() > MOST_REMEMBERED) {
            begun.remove(0);
        }
        link.dialBegun = true;
        if (!link.neverDials) {
            dialling.add(link);
        }
    }

    /** A dial that has not begun yet never begins; any other is still answered, one way or the other. */
    private void stop(Link link) {
        if (!link.dialBegun) {
            link.neverDials = true;
            answerDial(link, DialResult.FAILED, 0);
        }
    }
}
