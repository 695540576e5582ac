package dev.keepalive.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

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
 * A lease that two threads end at once. It ends once, and its connection is kept or closed as the first of them said.
 */
public final class LeaseEndRaces {
    private static final int LOOKS = 1000;

    private LeaseEndRaces() {}

    /** The only lease that the limits allow. */
    public abstract static class OneLease extends StressRig {
        final Lease<FakeConnection> lease;

        OneLease() {
            super(Dials.PROMPT, 1, 1);
            lease = leased(A);
        }

        /** Whether the first connection was kept: the next acquire shows it. */
        String kept() {
            CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
            settle();
            next.join().release();
            return connector.dials().size() == 1 ? "kept" : "closed";
        }
    }

    /** H01. */
    @JCStressTest
    @Description("Two threads release the same lease.")
    @Outcome(id = "true false kept, conserved", expect = ACCEPTABLE, desc = "The first thread ended it.")
    @Outcome(id = "false true kept, conserved", expect = ACCEPTABLE, desc = "The second thread ended it.")
    @Outcome(expect = FORBIDDEN, desc = "Both ended it, or neither, or something was lost.")
    @State
    public static class ReleaseAgainstRelease extends OneLease {
        private boolean one;
        private boolean other;

        @Actor
        public void one() {
            one = lease.release();
        }

        @Actor
        public void other() {
            other = lease.release();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = one + " " + other + " " + kept();
            r.r2 = audit();
        }
    }

    /** B15. */
    @JCStressTest
    @Description("One thread releases the lease, another invalidates it.")
    @Outcome(id = "true false kept, conserved", expect = ACCEPTABLE, desc = "Released.")
    @Outcome(id = "false true closed, conserved", expect = ACCEPTABLE, desc = "Invalidated.")
    @Outcome(expect = FORBIDDEN, desc = "Both ended it, or neither, or something was lost.")
    @State
    public static class InvalidateAgainstRelease extends OneLease {
        private boolean one;
        private boolean other;

        @Actor
        public void one() {
            one = lease.release();
        }

        @Actor
        public void other() {
            other = lease.invalidate();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = one + " " + other + " " + kept();
            r.r2 = audit();
        }
    }

    /** B15, twice. */
    @JCStressTest
    @Description("Two threads invalidate the same lease.")
    @Outcome(id = "true false closed, conserved", expect = ACCEPTABLE, desc = "The first thread ended it.")
    @Outcome(id = "false true closed, conserved", expect = ACCEPTABLE, desc = "The second thread ended it.")
    @Outcome(expect = FORBIDDEN, desc = "Both ended it, or neither, or something was lost.")
    @State
    public static class InvalidateAgainstInvalidate extends OneLease {
        private boolean one;
        private boolean other;

        @Actor
        public void one() {
            one = lease.invalidate();
        }

        @Actor
        public void other() {
            other = lease.invalidate();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = one + " " + other + " " + kept();
            r.r2 = audit();
        }
    }

    /** H09. */
    @JCStressTest
    @Description("One thread releases the lease, another closes it.")
    @Outcome(id = "true kept, conserved", expect = ACCEPTABLE, desc = "Released; the close did nothing.")
    @Outcome(id = "false closed, conserved", expect = ACCEPTABLE, desc = "The close invalidated it.")
    @Outcome(expect = FORBIDDEN, desc = "Both ended it, or neither, or something was lost.")
    @State
    public static class CloseAgainstRelease extends OneLease {
        private boolean one;

        @Actor
        public void release() {
            one = lease.release();
        }

        @Actor
        public void closeLease() {
            lease.close();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = one + " " + kept();
            r.r2 = audit();
        }
    }

    /** H08: the connection is used for the first time while the lease ends. */
    @JCStressTest
    @Description("One thread asks for the connection for the first time, another releases the lease.")
    @Outcome(id = "handle kept, conserved", expect = ACCEPTABLE, desc = "The handle was made before the lease ended.")
    @Outcome(id = "refused kept, conserved", expect = ACCEPTABLE, desc = "The lease had ended.")
    @Outcome(expect = FORBIDDEN, desc = "Something was lost.")
    @State
    public static class HandleAgainstRelease extends OneLease {
        private String answer = "";

        @Actor
        public void use() {
            try {
                lease.connection();
                answer = "handle";
            } catch (IllegalStateException ended) {
                answer = "refused";
            }
        }

        @Actor
        public void release() {
            lease.release();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = answer + " " + kept();
            r.r2 = audit();
        }
    }

    /** The link answers a reset later: just when the manager is told that the answer will come later. */
    @JCStressTest
    @Description("The reset of the connection is answered while the lease is being released.")
    @Outcome(id = "IMMEDIATE, conserved", expect = ACCEPTABLE, desc = "The answer arrived.")
    @Outcome(expect = FORBIDDEN, desc = "The answer was lost: the connection is neither idle nor closed.")
    @State
    public static class ResetAnsweredMeanwhile extends OneLease {
        private final FakeLink link = lease.connection().link();
        private boolean answered;

        public ResetAnsweredMeanwhile() {
            link.holdResets();
        }

        @Actor
        public void release() {
            lease.release();
        }

        @Actor
        public void answer() {
            for (int looks = 0; looks < LOOKS && !answered; looks++) {
                answered = link.resetAsked();
            }
            if (answered) {
                link.answerReset(true);
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            if (!answered) {
                link.answerReset(true);
            }
            CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
            settle();
            r.r1 = next.isDone() ? next.join().origin().name() : "waits";
            next.cancel(false);
            next.thenAccept(Lease::invalidate);
            r.r2 = audit();
        }
    }
}
