package dev.keepalive.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Lease;
import dev.keepalive.testkit.FakeConnection;
import dev.keepalive.testkit.FakeLink;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/**
 * A connection that is being made ready by the program, and then serves who waits for it, when something else happens.
 */
public final class SetUps {
    private SetUps() {}

    /** Somebody waits for a connection that is being made ready. */
    public abstract static class OneSetUp extends Rig {
        final CompletableFuture<Lease<FakeConnection>> waiting;
        final FakeLink link;

        OneSetUp() {
            super(1);
            waiting = manager.acquire(AcquireRequest.to(A).withTimeout(STEP));
            link = connector.links().get(0);
        }
    }

    /** J02, in the last part of a dial. */
    @JCStressTest
    @Description("The manager is closed when the set-up is done.")
    @Outcome(id = "Closed, conserved", expect = ACCEPTABLE, desc = "Closed first.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "Served before; its connection is closed under it.")
    @Outcome(expect = FORBIDDEN, desc = "The waiter was not answered, or something stays open.")
    @State
    public static class ShutdownAgainstSetUp extends OneSetUp {
        @Actor
        public void shutDown() {
            close();
        }

        @Actor
        public void done() {
            ready.complete(null);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = Delivery.answerOf(waiting);
            r.r2 = audit();
        }
    }

    /** A03, in the last part of a dial. */
    @JCStressTest
    @Description("The time of the dial and of its waiter is up when the set-up is done.")
    @Outcome(id = "TimedOut, conserved", expect = ACCEPTABLE, desc = "The alarm was first.")
    @Outcome(id = "DialFailed, conserved", expect = ACCEPTABLE, desc = "The alarm was first.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "The set-up was first.")
    @Outcome(expect = FORBIDDEN, desc = "The waiter was not answered, or something was lost.")
    @State
    public static class TimeoutAgainstSetUp extends OneSetUp {
        @Actor
        public void alarm() {
            time.step(STEP);
        }

        @Actor
        public void done() {
            ready.complete(null);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = Delivery.answerOf(waiting);
            r.r2 = audit();
        }
    }

    /** What the peer says after the set-up was asked for by nobody. */
    @JCStressTest
    @Description("The peer sends something when the set-up is done.")
    @Outcome(id = "held NEW, conserved", expect = ACCEPTABLE, desc = "For the set-up, or for who waited.")
    @Outcome(id = "dropped DialFailed, conserved", expect = ACCEPTABLE, desc = "While it was cleaned up: closed.")
    @Outcome(
            id = "dropped NEW another, conserved",
            expect = ACCEPTABLE,
            desc = "When it was ready and nobody's yet: closed, and another opened.")
    @Outcome(
            expect = FORBIDDEN,
            desc = "Somebody got a connection on which something was dropped, or something was lost.")
    @State
    public static class PeerSpeaksAgainstSetUp extends OneSetUp {
        private boolean held;

        @Actor
        public void peer() {
            held = link.peerSpeaks();
        }

        @Actor
        public void done() {
            ready.complete(null);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            settle();
            boolean another = connector.dials().size() > 1;
            r.r1 = (held ? "held " : "dropped ") + Delivery.answerOf(waiting) + (another ? " another" : "");
            r.r2 = audit();
        }
    }
}
