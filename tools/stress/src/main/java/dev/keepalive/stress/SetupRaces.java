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

/** A connection whose setup completes just when something else happens. */
public final class SetupRaces {
    private SetupRaces() {}

    /** A waiter for a connection whose setup is under way. */
    public abstract static class OneSetup extends StressRig {
        final CompletableFuture<Lease<FakeConnection>> waiting;
        final FakeLink link;

        OneSetup() {
            super(1);
            waiting = manager.acquire(AcquireRequest.to(A).withTimeout(STEP));
            link = connector.links().get(0);
        }
    }

    /** J02, during setup. */
    @JCStressTest
    @Description("The manager is closed when the setup completes.")
    @Outcome(id = "Closed, conserved", expect = ACCEPTABLE, desc = "Closed first.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "Served before; its connection is closed under it.")
    @Outcome(expect = FORBIDDEN, desc = "The waiter was not answered, or something stays open.")
    @State
    public static class ShutdownAgainstSetup extends OneSetup {
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
            r.r1 = DeliveryRaces.answerOf(waiting);
            r.r2 = audit();
        }
    }

    /** A03, during setup. */
    @JCStressTest
    @Description("Dial and waiter time out when the setup completes.")
    @Outcome(id = "TimedOut, conserved", expect = ACCEPTABLE, desc = "The alarm came first.")
    @Outcome(id = "DialFailed, conserved", expect = ACCEPTABLE, desc = "The alarm came first.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "The setup came first.")
    @Outcome(expect = FORBIDDEN, desc = "The waiter was not answered, or something was lost.")
    @State
    public static class TimeoutAgainstSetup extends OneSetup {
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
            r.r1 = DeliveryRaces.answerOf(waiting);
            r.r2 = audit();
        }
    }

    /** Input after the setup belongs to no holder. */
    @JCStressTest
    @Description("The peer sends something when the setup completes.")
    @Outcome(id = "held NEW, conserved", expect = ACCEPTABLE, desc = "Delivered to the setup, or to the waiter.")
    @Outcome(
            id = "dropped DialFailed, conserved",
            expect = ACCEPTABLE,
            desc = "During the reset after the setup: closed.")
    @Outcome(
            id = "dropped NEW another, conserved",
            expect = ACCEPTABLE,
            desc = "After the setup, before the lease: closed, and another was opened.")
    @Outcome(
            expect = FORBIDDEN,
            desc = "A holder got a connection on which something was dropped, or something was lost.")
    @State
    public static class PeerSpeaksAgainstSetup extends OneSetup {
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
            r.r1 = (held ? "held " : "dropped ") + DeliveryRaces.answerOf(waiting) + (another ? " another" : "");
            r.r2 = audit();
        }
    }
}
