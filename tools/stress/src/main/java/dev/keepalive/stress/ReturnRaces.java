package dev.keepalive.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.keepalive.Lease;
import dev.keepalive.testkit.FakeConnection;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** A borrowed connection whose lease ends just when the machine, the peer or another caller acts on it. */
public final class ReturnRaces {
    private ReturnRaces() {}

    /** A borrowed connection goes to a caller that comes just then, or to a waiter. */
    @JCStressTest
    @Description("A borrowed connection is released while a caller acquires it.")
    @Outcome(id = "IMMEDIATE, conserved", expect = ACCEPTABLE, desc = "The release came first.")
    @Outcome(id = "DEFERRED, conserved", expect = ACCEPTABLE, desc = "The caller waited, and the release served it.")
    @Outcome(expect = FORBIDDEN, desc = "The caller waits although the connection is idle, or something was lost.")
    @State
    public static class ReturnAgainstAcquire extends BorrowRaces.OneBorrowed {
        private CompletableFuture<Lease<FakeConnection>> asked = new CompletableFuture<>();

        public ReturnAgainstAcquire() {
            super(1);
        }

        @Actor
        public void release() {
            lease.release();
        }

        @Actor
        public void acquire() {
            asked = manager.acquire(A);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = DeliveryRaces.answerOf(asked);
            r.r2 = audit();
        }
    }

    /** The same, with the answer to the reset coming from another thread. */
    @JCStressTest
    @Description("A borrowed connection is released, and its reset is answered later, while a caller acquires it.")
    @Outcome(id = "IMMEDIATE, conserved", expect = ACCEPTABLE, desc = "The release came first.")
    @Outcome(id = "DEFERRED, conserved", expect = ACCEPTABLE, desc = "The caller waited, and the release served it.")
    @Outcome(expect = FORBIDDEN, desc = "The caller waits although the connection is idle, or something was lost.")
    @State
    public static class ReturnAnsweredLaterAgainstAcquire extends BorrowRaces.OneBorrowed {
        private CompletableFuture<Lease<FakeConnection>> asked = new CompletableFuture<>();

        public ReturnAnsweredLaterAgainstAcquire() {
            super(1);
            link.holdResets();
        }

        private void clean() {
            if (link.resetAsked()) {
                link.answerReset(true);
            }
        }

        @Actor
        public void release() {
            lease.release();
            clean();
        }

        @Actor
        public void acquire() {
            asked = manager.acquire(A);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = DeliveryRaces.answerOf(asked);
            clean();
            Lease<FakeConnection> last = manager.tryAcquire(A);
            r.r2 = last != null && last.invalidate() ? audit() : "not idle";
        }
    }

    /** The link answers later, just when the manager is told that the answer will come later. */
    @JCStressTest
    @Description("The reset of a borrowed connection is answered while it is being released.")
    @Outcome(id = "idle, conserved", expect = ACCEPTABLE, desc = "The answer arrived.")
    @Outcome(expect = FORBIDDEN, desc = "The answer was lost: the connection is neither idle nor closed.")
    @State
    public static class ReturnAnsweredMeanwhile extends BorrowRaces.OneBorrowed {
        private static final int LOOKS = 1000;
        private boolean answered;

        public ReturnAnsweredMeanwhile() {
            super(1);
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
            Lease<FakeConnection> last = manager.tryAcquire(A);
            r.r1 = last != null && last.invalidate() ? "idle" : "not idle";
            r.r2 = audit();
        }
    }

    /** The place of a borrowed connection is needed elsewhere. */
    @JCStressTest
    @Description("A borrowed connection is released while another endpoint needs its place.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "It made way, at once or when it was released.")
    @Outcome(expect = FORBIDDEN, desc = "The other endpoint waits though a connection is idle, or something was lost.")
    @State
    public static class ReturnAgainstEviction extends BorrowRaces.OneBorrowed {
        private CompletableFuture<Lease<FakeConnection>> asked = new CompletableFuture<>();

        public ReturnAgainstEviction() {
            super(1);
        }

        @Actor
        public void release() {
            lease.release();
        }

        @Actor
        public void acquire() {
            asked = manager.acquire(B);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = DeliveryRaces.answerOf(asked);
            r.r2 = audit();
        }
    }

    /** G09, without the machine. */
    @JCStressTest
    @Description("The peer sends something while a borrowed connection is released.")
    @Outcome(id = "held IMMEDIATE, conserved", expect = ACCEPTABLE, desc = "For the holder, which released anyway.")
    @Outcome(id = "dropped NEW, conserved", expect = ACCEPTABLE, desc = "No holder was entitled to it: closed.")
    @Outcome(expect = FORBIDDEN, desc = "A connection was kept on which something was dropped, or something was lost.")
    @State
    public static class PeerSpeaksAgainstReturn extends BorrowRaces.OneBorrowed {
        private boolean held;

        public PeerSpeaksAgainstReturn() {
            super(1);
        }

        @Actor
        public void peer() {
            held = link.peerSpeaks();
        }

        @Actor
        public void release() {
            lease.release();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
            settle();
            r.r1 = (held ? "held " : "dropped ") + DeliveryRaces.answerOf(next);
            r.r2 = audit();
        }
    }

    /** B13, without the machine. */
    @JCStressTest
    @Description("The peer closes the connection while a borrowed connection is released.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "It is not kept.")
    @Outcome(expect = FORBIDDEN, desc = "A dead connection was kept, or something was lost.")
    @State
    public static class PeerClosesAgainstReturn extends BorrowRaces.OneBorrowed {
        public PeerClosesAgainstReturn() {
            super(1);
        }

        @Actor
        public void peer() {
            link.peerCloses();
        }

        @Actor
        public void release() {
            lease.release();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
            settle();
            r.r1 = DeliveryRaces.answerOf(next);
            r.r2 = audit();
        }
    }

    /** The machine checks a borrowed connection when its idle time would be up. */
    @JCStressTest
    @Description("The idle time is up while a borrowed connection is released.")
    @Outcome(id = "IMMEDIATE, conserved", expect = ACCEPTABLE, desc = "Used meanwhile, so it stays.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "Expired.")
    @Outcome(expect = FORBIDDEN, desc = "Something was lost.")
    @State
    public static class IdleTimeoutAgainstReturn extends BorrowRaces.OneBorrowed {
        public IdleTimeoutAgainstReturn() {
            super(1);
        }

        @Actor
        public void alarm() {
            time.step(STEP);
        }

        @Actor
        public void release() {
            lease.release();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
            settle();
            r.r1 = DeliveryRaces.answerOf(next);
            r.r2 = audit();
        }
    }

    /** A drain waits for a borrowed connection. */
    @JCStressTest
    @Description("The manager is drained while a borrowed connection is released.")
    @Outcome(id = "clean, conserved", expect = ACCEPTABLE, desc = "It ends with the release.")
    @Outcome(expect = FORBIDDEN, desc = "The drain does not end, or something was cut, or stays open.")
    @State
    public static class DrainAgainstReturn extends BorrowRaces.OneBorrowed {
        private CompletableFuture<Boolean> drained = new CompletableFuture<>();

        public DrainAgainstReturn() {
            super(1);
        }

        @Actor
        public void drains() {
            drained = drain();
        }

        @Actor
        public void release() {
            lease.release();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = !drained.isDone() ? "goes on" : drained.join() ? "clean" : "cut";
            r.r2 = audit();
        }
    }

    /** A borrowed connection is invalidated just when the machine revokes it for a waiter. */
    @JCStressTest
    @Description("A borrowed connection is invalidated while a caller acquires it.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "Closed, and another was opened.")
    @Outcome(expect = FORBIDDEN, desc = "The caller waits although there is a place, or got a closed connection.")
    @State
    public static class InvalidateAgainstAcquire extends BorrowRaces.OneBorrowed {
        private CompletableFuture<Lease<FakeConnection>> asked = new CompletableFuture<>();

        public InvalidateAgainstAcquire() {
            super(1);
        }

        @Actor
        public void invalidate() {
            lease.invalidate();
        }

        @Actor
        public void acquire() {
            asked = manager.acquire(A);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = DeliveryRaces.answerOf(asked);
            r.r2 = audit();
        }
    }
}
