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

/** Two calls on a connection that takes two leases at a time. Each lease ends once, and alone; no place is lost. */
public final class SharedRaces {
    private static final int LOOKS = 1000;

    private SharedRaces() {}

    /** The only connection that the limits allow, with two leases. */
    public abstract static class TwoLeases extends StressRig {
        final Lease<FakeConnection> first;
        final Lease<FakeConnection> second;
        final FakeLink link;

        TwoLeases() {
            super(Dials.PROMPT, 1, 1);
            connector.sharing(2).expecting(2);
            first = leased(A);
            second = leased(A);
            link = first.connection().link();
        }

        /** Ends what is left, and tells whether the connection was kept. */
        String kept() {
            first.release();
            second.release();
            CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
            settle();
            next.join().release();
            return connector.dials().size() == 1 ? "kept" : "closed";
        }

        /** How a waiter was answered. */
        static String answer(CompletableFuture<Lease<FakeConnection>> waiter) {
            return waiter.isDone()
                    ? waiter.handle((lease, failure) -> lease == null
                                    ? failure.getClass().getSimpleName()
                                    : lease.origin().name())
                            .join()
                    : "waits";
        }
    }

    @JCStressTest
    @Description("Two threads release the same lease of a shared connection.")
    @Outcome(id = "true false kept, conserved", expect = ACCEPTABLE, desc = "The first thread ended it.")
    @Outcome(id = "false true kept, conserved", expect = ACCEPTABLE, desc = "The second thread ended it.")
    @Outcome(expect = FORBIDDEN, desc = "Both ended it, or neither, or something was lost.")
    @State
    public static class SharedReleaseAgainstRelease extends TwoLeases {
        private boolean one;
        private boolean other;

        @Actor
        public void one() {
            one = first.release();
        }

        @Actor
        public void other() {
            other = first.release();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = second.isEnded() ? "the other lease ended" : one + " " + other + " " + kept();
            r.r2 = audit();
        }
    }

    @JCStressTest
    @Description("One thread releases a lease of a shared connection, another invalidates it.")
    @Outcome(id = "true false kept, conserved", expect = ACCEPTABLE, desc = "Released.")
    @Outcome(id = "false true kept, conserved", expect = ACCEPTABLE, desc = "Invalidated; the connection goes on.")
    @Outcome(expect = FORBIDDEN, desc = "Both ended it, or neither, or something was lost.")
    @State
    public static class SharedInvalidateAgainstRelease extends TwoLeases {
        private boolean one;
        private boolean other;

        @Actor
        public void one() {
            one = first.release();
        }

        @Actor
        public void other() {
            other = first.invalidate();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = second.isEnded() ? "the other lease ended" : one + " " + other + " " + kept();
            r.r2 = audit();
        }
    }

    @JCStressTest
    @Description("Two threads end the two leases of a shared connection.")
    @Outcome(id = "true true kept, conserved", expect = ACCEPTABLE, desc = "Each ended its own.")
    @Outcome(expect = FORBIDDEN, desc = "One end was lost, or ended the other lease.")
    @State
    public static class SharedReleaseAgainstOther extends TwoLeases {
        private boolean one;
        private boolean other;

        @Actor
        public void one() {
            one = first.release();
        }

        @Actor
        public void other() {
            other = second.invalidate();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = one + " " + other + " " + kept();
            r.r2 = audit();
        }
    }

    @JCStressTest
    @Description("A lease of a shared connection is released while its peer closes it.")
    @Outcome(id = "true true closed, conserved", expect = ACCEPTABLE, desc = "The leases ended, and so did it.")
    @Outcome(expect = FORBIDDEN, desc = "A lease had two ends or none, or something was lost.")
    @State
    public static class SharedReleaseAgainstPeerClose extends TwoLeases {
        private boolean released;

        @Actor
        public void release() {
            released = first.release();
        }

        @Actor
        public void peerCloses() {
            link.peerCloses();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = released + " " + second.release() + " " + kept();
            r.r2 = audit();
        }
    }

    @JCStressTest
    @Description("A lease of a full shared connection is released while an acquire is made.")
    @Outcome(id = "DEFERRED, conserved", expect = ACCEPTABLE, desc = "It waited for the place.")
    @Outcome(id = "IMMEDIATE, conserved", expect = ACCEPTABLE, desc = "The place was free.")
    @Outcome(expect = FORBIDDEN, desc = "It waits beside a free place, or something was lost.")
    @State
    public static class SharedReleaseAgainstAcquire extends TwoLeases {
        private CompletableFuture<Lease<FakeConnection>> waiter = new CompletableFuture<>();

        @Actor
        public void release() {
            first.release();
        }

        @Actor
        public void acquire() {
            waiter = manager.acquire(A);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            settle();
            r.r1 = answer(waiter);
            waiter.thenAccept(Lease::release);
            kept();
            r.r2 = audit();
        }
    }

    @JCStressTest
    @Description("A lease of a full shared connection is released to a waiter that is cancelled.")
    @Outcome(id = "kept, conserved", expect = ACCEPTABLE, desc = "Cancelled before or after; no place is lost.")
    @Outcome(expect = FORBIDDEN, desc = "A place was lost.")
    @State
    public static class SharedReleaseAgainstCancel extends TwoLeases {
        private final CompletableFuture<Lease<FakeConnection>> waiter = manager.acquire(AcquireRequest.to(A));

        @Actor
        public void release() {
            first.release();
        }

        @Actor
        public void cancel() {
            waiter.cancel(false);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            settle();
            waiter.thenAccept(Lease::release);
            r.r1 = kept();
            r.r2 = audit();
        }
    }

    @JCStressTest
    @Description("The reset after a lease of a shared connection is answered while the lease is being released.")
    @Outcome(id = "kept, conserved", expect = ACCEPTABLE, desc = "The answer arrived.")
    @Outcome(expect = FORBIDDEN, desc = "The answer was lost: the place is not free.")
    @State
    public static class SharedResetAnsweredMeanwhile extends TwoLeases {
        private boolean answered;

        public SharedResetAnsweredMeanwhile() {
            link.holdResets();
        }

        @Actor
        public void release() {
            first.release();
        }

        @Actor
        public void answer() {
            for (int looks = 0; looks < LOOKS && !answered; looks++) {
                answered = link.resetAsked();
            }
            link.answerReset(true);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            link.answerReset(true);
            Lease<FakeConnection> place = manager.tryAcquire(A);
            if (place == null) {
                r.r1 = "no place";
                r.r2 = manager.snapshot().all().toString();
                return;
            }
            place.release();
            second.release();
            link.answerReset(true);
            r.r1 = connector.dials().size() == 1 ? "kept" : "closed";
            link.peerCloses();
            r.r2 = audit();
        }
    }

    @JCStressTest
    @Description("The peer of a shared connection sets its level twice at the same time.")
    @Outcome(id = "3, conserved", expect = ACCEPTABLE, desc = "5 was set last.")
    @Outcome(id = "1, conserved", expect = ACCEPTABLE, desc = "3 was set last.")
    @Outcome(expect = FORBIDDEN, desc = "Neither level holds.")
    @State
    public static class CapacityAgainstCapacity extends TwoLeases {
        @Actor
        public void five() {
            link.capacity(5);
        }

        @Actor
        public void three() {
            link.capacity(3);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = manager.snapshot().all().room();
            link.capacity(2);
            kept();
            r.r2 = audit();
        }
    }

    @JCStressTest
    @Description("A lease of a shared connection is decided on while the manager is closed.")
    @Outcome(id = "Closed true true, conserved", expect = ACCEPTABLE, desc = "The waiter was told of the end.")
    @Outcome(id = "DEFERRED true true, conserved", expect = ACCEPTABLE, desc = "Served before; cut short.")
    @Outcome(expect = FORBIDDEN, desc = "A lease goes on after the end of the manager, or something was lost.")
    @State
    public static class SharedDeliveryAgainstShutdown extends TwoLeases {
        private final CompletableFuture<Lease<FakeConnection>> waiter = manager.acquire(A);

        @Actor
        public void release() {
            first.release();
        }

        @Actor
        public void shutDown() {
            close();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            boolean ended = waiter.isCompletedExceptionally() || waiter.join().isEnded();
            r.r1 = answer(waiter) + " " + ended + " " + second.isEnded();
            r.r2 = audit();
        }
    }

    @JCStressTest
    @Description("The dial of a shared connection succeeds while its peer lets it have leases.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "The waiter was served.")
    @Outcome(expect = FORBIDDEN, desc = "The level was lost: the dial goes on, or something was lost.")
    @State
    public static class CapacityAgainstDial extends DeliveryRaces.OneDials {
        public CapacityAgainstDial() {
            connector.sharing(0);
        }

        @Actor
        public void succeed() {
            dial.succeed();
        }

        @Actor
        public void capacity() {
            dial.capacity(1);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            connector.sharing(1);
            r.r1 = TwoLeases.answer(waiting);
            waiting.thenAccept(Lease::release);
            r.r2 = audit();
        }
    }
}
