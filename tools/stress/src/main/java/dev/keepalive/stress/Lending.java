package dev.keepalive.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.testkit.FakeConnection;
import dev.keepalive.testkit.FakeLink;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/**
 * Connections that somebody has helped himself to, without the machine, when the machine, the peer or another one wants
 * them.
 */
public final class Lending {
    private Lending() {}

    /** A lease of the only connection to A, of which the machine does not know. */
    public abstract static class OneLent extends Rig {
        final Lease<FakeConnection> lease;
        final FakeLink link;

        OneLent(int maxOpen) {
            super(Dials.PROMPT, maxOpen, 1);
            leased(A).release();
            lease = Objects.requireNonNull(manager.tryAcquire(A));
            link = lease.connection().link();
        }

        /** Tries to take one; tells the way it came, and what is wrong with it. */
        final String attempt(Endpoint endpoint) {
            Lease<FakeConnection> got = manager.tryAcquire(endpoint);
            if (got == null) {
                return "none";
            }
            String answer = got.connection().link().endpoint().equals(endpoint) ? "taken" : "taken from elsewhere";
            got.release();
            return answer;
        }
    }

    /** Two help themselves to one. */
    @JCStressTest
    @Description("Two try to take the only idle connection, and keep it.")
    @Outcome(id = "taken none, conserved", expect = ACCEPTABLE, desc = "The first has it.")
    @Outcome(id = "none taken, conserved", expect = ACCEPTABLE, desc = "The second has it.")
    @Outcome(expect = FORBIDDEN, desc = "Both have it, or neither, or something was lost.")
    @State
    public static class BorrowAgainstBorrow extends Reuse.OneIdle {
        private @Nullable Lease<FakeConnection> one;
        private @Nullable Lease<FakeConnection> other;

        public BorrowAgainstBorrow() {
            super(1);
        }

        @Actor
        public void one() {
            one = manager.tryAcquire(A);
        }

        @Actor
        public void other() {
            other = manager.tryAcquire(A);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = ended(one) + " " + ended(other);
            r.r2 = audit();
        }
    }

    /** What was lent goes to who comes just then, or to who waits. */
    @JCStressTest
    @Description("What was lent is released while somebody asks for it.")
    @Outcome(id = "IMMEDIATE, conserved", expect = ACCEPTABLE, desc = "The release was first.")
    @Outcome(id = "DEFERRED, conserved", expect = ACCEPTABLE, desc = "He waited, and the release went to him.")
    @Outcome(expect = FORBIDDEN, desc = "He waits though the connection is idle, or something was lost.")
    @State
    public static class ReturnAgainstAcquire extends OneLent {
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
            r.r1 = Delivery.answerOf(asked);
            r.r2 = audit();
        }
    }

    /** The same, where the connection is found to be quiet by another thread. */
    @JCStressTest
    @Description("What was lent is released, and found to be quiet by and by, while somebody asks for it.")
    @Outcome(id = "IMMEDIATE, conserved", expect = ACCEPTABLE, desc = "The release was first.")
    @Outcome(id = "DEFERRED, conserved", expect = ACCEPTABLE, desc = "He waited, and the release went to him.")
    @Outcome(expect = FORBIDDEN, desc = "He waits though the connection is idle, or something was lost.")
    @State
    public static class ReturnByAndByAgainstAcquire extends OneLent {
        private CompletableFuture<Lease<FakeConnection>> asked = new CompletableFuture<>();

        public ReturnByAndByAgainstAcquire() {
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
            r.r1 = Delivery.answerOf(asked);
            clean();
            Lease<FakeConnection> last = manager.tryAcquire(A);
            r.r2 = last != null && last.invalidate() ? audit() : "not idle";
        }
    }

    /** The link answers by and by, just when it is found out that the answer is still to come. */
    @JCStressTest
    @Description("What was lent is found to be quiet while it is being released.")
    @Outcome(id = "idle, conserved", expect = ACCEPTABLE, desc = "The answer found its way.")
    @Outcome(expect = FORBIDDEN, desc = "The answer was lost: the connection is neither idle nor closed.")
    @State
    public static class ReturnAnsweredMeanwhile extends OneLent {
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

    /** The place of what was lent is needed elsewhere. */
    @JCStressTest
    @Description("What was lent is released while another endpoint needs its place.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "It made way, at once or when it was released.")
    @Outcome(expect = FORBIDDEN, desc = "The other endpoint waits though a connection is idle, or something was lost.")
    @State
    public static class ReturnAgainstEviction extends OneLent {
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
            r.r1 = Delivery.answerOf(asked);
            r.r2 = audit();
        }
    }

    /** G09, without the machine. */
    @JCStressTest
    @Description("The peer sends something while what was lent is released.")
    @Outcome(id = "held IMMEDIATE, conserved", expect = ACCEPTABLE, desc = "For the holder, who released all the same.")
    @Outcome(id = "dropped NEW, conserved", expect = ACCEPTABLE, desc = "Nobody was entitled to it: closed.")
    @Outcome(expect = FORBIDDEN, desc = "A connection was kept on which something was dropped, or something was lost.")
    @State
    public static class PeerSpeaksAgainstReturn extends OneLent {
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
            r.r1 = (held ? "held " : "dropped ") + Delivery.answerOf(next);
            r.r2 = audit();
        }
    }

    /** B13, without the machine. */
    @JCStressTest
    @Description("The peer closes the connection while what was lent is released.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "It is not kept.")
    @Outcome(expect = FORBIDDEN, desc = "A dead connection was kept, or something was lost.")
    @State
    public static class PeerClosesAgainstReturn extends OneLent {
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
            r.r1 = Delivery.answerOf(next);
            r.r2 = audit();
        }
    }

    /** What has become another endpoint's is not to be had at its former one. */
    @JCStressTest
    @Description("What was lent becomes another endpoint's while somebody tries to take it at its former one.")
    @Outcome(id = "none taken, conserved", expect = ACCEPTABLE, desc = "It is to be had at the other one only.")
    @Outcome(expect = FORBIDDEN, desc = "It was had at its former endpoint, or something was lost.")
    @State
    public static class ReleaseAsAgainstBorrow extends OneLent {
        private String former = "";

        public ReleaseAsAgainstBorrow() {
            super(1);
        }

        @Actor
        public void releaseAs() {
            lease.releaseAs(B);
        }

        @Actor
        public void borrow() {
            former = attempt(A);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = former + " " + attempt(B);
            r.r2 = audit();
        }
    }

    /** The same against who comes later: it moves there and back. */
    @JCStressTest
    @Description("A connection is taken at one endpoint and released as the other's, there and back, by two at once.")
    @Outcome(id = "conserved, conserved", expect = ACCEPTABLE, desc = "Each had what he asked for, or nothing.")
    @Outcome(expect = FORBIDDEN, desc = "Somebody had a connection to elsewhere, or something was lost.")
    @State
    public static class ReleaseAsAgainstReleaseAs extends Rig {
        private String one = "";
        private String other = "";

        public ReleaseAsAgainstReleaseAs() {
            super(Dials.PROMPT, 1, 1);
            leased(A).release();
        }

        private String pass(Endpoint from, Endpoint to) {
            String found = CONSERVED;
            for (int i = 0; i < 4; i++) {
                Lease<FakeConnection> lease = manager.tryAcquire(from);
                if (lease != null) {
                    Endpoint leads = lease.connection().link().endpoint();
                    found = leads.equals(from) ? found : leads + " in place of " + from;
                    lease.releaseAs(to);
                }
            }
            return found;
        }

        @Actor
        public void there() {
            one = pass(A, B);
        }

        @Actor
        public void back() {
            other = pass(B, A);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = one.equals(CONSERVED) ? other : one;
            r.r2 = audit();
        }
    }

    /** The machine looks at what is lent when its idle time would be up. */
    @JCStressTest
    @Description("The idle time is up while what was lent is released.")
    @Outcome(id = "IMMEDIATE, conserved", expect = ACCEPTABLE, desc = "Used meanwhile, so it stays.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "Expired.")
    @Outcome(expect = FORBIDDEN, desc = "Something was lost.")
    @State
    public static class IdleTimeoutAgainstReturn extends OneLent {
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
            r.r1 = Delivery.answerOf(next);
            r.r2 = audit();
        }
    }

    /** Nobody helps himself after the end. */
    @JCStressTest
    @Description("The manager is closed while somebody helps himself and gives back.")
    @Outcome(id = "none, conserved", expect = ACCEPTABLE, desc = "Closed first.")
    @Outcome(id = "taken, conserved", expect = ACCEPTABLE, desc = "Taken before.")
    @Outcome(expect = FORBIDDEN, desc = "Something stays open.")
    @State
    public static class ShutdownAgainstBorrow extends Reuse.OneIdle {
        private @Nullable Lease<FakeConnection> got;
        private boolean after;

        public ShutdownAgainstBorrow() {
            super(1);
        }

        @Actor
        public void shutDown() {
            close();
            after = manager.tryAcquire(A) != null;
        }

        @Actor
        public void borrow() {
            got = manager.tryAcquire(A);
            ended(got);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = after ? "taken after the end" : ended(got);
            r.r2 = audit();
        }
    }

    /** A drain waits for what was lent. */
    @JCStressTest
    @Description("The manager is drained while what was lent is released.")
    @Outcome(id = "clean, conserved", expect = ACCEPTABLE, desc = "It ends with the release.")
    @Outcome(expect = FORBIDDEN, desc = "The drain does not end, or something was cut, or stays open.")
    @State
    public static class DrainAgainstReturn extends OneLent {
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

    /** The end of what was lent, when the machine takes it for who waits. */
    @JCStressTest
    @Description("What was lent is invalidated while somebody asks for it.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "Closed, and another was opened.")
    @Outcome(expect = FORBIDDEN, desc = "He waits though there is place, or got what is closed.")
    @State
    public static class InvalidateAgainstAcquire extends OneLent {
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
            r.r1 = Delivery.answerOf(asked);
            r.r2 = audit();
        }
    }

    private static String ended(@Nullable Lease<FakeConnection> lease) {
        if (lease == null) {
            return "none";
        }
        lease.release();
        return "taken";
    }
}
