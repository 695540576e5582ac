package dev.keepalive.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.keepalive.Lease;
import dev.keepalive.testkit.FakeConnection;
import dev.keepalive.testkit.FakeLink;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** A connection that is acquired while it is released, closed, evicted, sent input, or needed elsewhere. */
public final class ReuseRaces {
    private ReuseRaces() {}

    /** How an acquire ended. */
    static String answerOf(CompletableFuture<Lease<FakeConnection>> future) {
        return DeliveryRaces.answerOf(future);
    }

    /** One idle connection. */
    public abstract static class OneIdle extends StressRig {
        final FakeLink link;

        OneIdle(int maxOpen) {
            super(Dials.PROMPT, maxOpen, 1);
            Lease<FakeConnection> lease = leased(A);
            link = lease.connection().link();
            lease.release();
        }
    }

    /** C07, C08: no connection is idle when the caller comes, but one is before the caller is in the wait queue. */
    @JCStressTest
    @Description("The only connection is released while a caller acquires it.")
    @Outcome(id = "IMMEDIATE, conserved", expect = ACCEPTABLE, desc = "The release came first.")
    @Outcome(id = "DEFERRED, conserved", expect = ACCEPTABLE, desc = "The acquire came first.")
    @Outcome(expect = FORBIDDEN, desc = "The caller waits although the connection is idle, or something was lost.")
    @State
    public static class ReleaseAgainstAcquire extends StressRig {
        private final Lease<FakeConnection> held;
        private CompletableFuture<Lease<FakeConnection>> asked = new CompletableFuture<>();

        public ReleaseAgainstAcquire() {
            super(Dials.PROMPT, 1, 1);
            held = leased(A);
        }

        @Actor
        public void release() {
            held.release();
        }

        @Actor
        public void acquire() {
            asked = manager.acquire(A);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = answerOf(asked);
            r.r2 = audit();
        }
    }

    /** C07, without a wait queue. */
    @JCStressTest
    @Description("The only connection is released while a caller tries to acquire it.")
    @Outcome(id = "IMMEDIATE, conserved", expect = ACCEPTABLE, desc = "The release came first.")
    @Outcome(id = "none, conserved", expect = ACCEPTABLE, desc = "The attempt came first.")
    @Outcome(expect = FORBIDDEN, desc = "Something was lost.")
    @State
    public static class ReleaseAgainstTryAcquire extends StressRig {
        private final Lease<FakeConnection> held;
        private @Nullable Lease<FakeConnection> got;

        public ReleaseAgainstTryAcquire() {
            super(Dials.PROMPT, 1, 1);
            held = leased(A);
        }

        @Actor
        public void release() {
            held.release();
        }

        @Actor
        public void acquire() {
            got = manager.tryAcquire(A);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            Lease<FakeConnection> lease = got;
            String origin = "none";
            if (lease != null) {
                origin = lease.origin().name();
                lease.release();
            }
            r.r1 = origin;
            r.r2 = audit();
        }
    }

    /** Two callers and one idle connection. */
    @JCStressTest
    @Description("Two callers acquire the only connection, which is idle.")
    @Outcome(id = "IMMEDIATE DEFERRED, conserved", expect = ACCEPTABLE, desc = "The first got it.")
    @Outcome(id = "DEFERRED IMMEDIATE, conserved", expect = ACCEPTABLE, desc = "The second got it.")
    @Outcome(expect = FORBIDDEN, desc = "Both got it, or neither, or something was lost.")
    @State
    public static class AcquireAgainstAcquire extends OneIdle {
        private CompletableFuture<Lease<FakeConnection>> asked = new CompletableFuture<>();
        private CompletableFuture<Lease<FakeConnection>> other = new CompletableFuture<>();

        public AcquireAgainstAcquire() {
            super(1);
        }

        @Actor
        public void one() {
            asked = manager.acquire(A);
        }

        @Actor
        public void other() {
            other = manager.acquire(A);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            boolean first = asked.isDone();
            String answers = answerOf(first ? asked : other);
            answers = first ? answers + " " + answerOf(other) : answerOf(asked) + " " + answers;
            r.r1 = answers;
            r.r2 = audit();
        }
    }

    /** B05: two endpoints, and a place for one connection. */
    @JCStressTest
    @Description("Two endpoints are acquired at once, where one connection may be open.")
    @Outcome(
            id = "NEW NEW, conserved",
            expect = ACCEPTABLE,
            desc = "One after the other, each by a connection of its own.")
    @Outcome(expect = FORBIDDEN, desc = "More were open than allowed, or a caller was not served.")
    @State
    public static class LimitAgainstLimit extends StressRig {
        private CompletableFuture<Lease<FakeConnection>> asked = new CompletableFuture<>();
        private CompletableFuture<Lease<FakeConnection>> other = new CompletableFuture<>();

        public LimitAgainstLimit() {
            super(Dials.PROMPT, 1, 1);
        }

        @Actor
        public void one() {
            asked = manager.acquire(A);
        }

        @Actor
        public void other() {
            other = manager.acquire(B);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            boolean first = asked.isDone();
            String answers = answerOf(first ? asked : other);
            answers = first ? answers + " " + answerOf(other) : answerOf(asked) + " " + answers;
            r.r1 = answers;
            r.r2 = audit();
        }
    }

    /** G17: the peer closes a connection that is being acquired. */
    @JCStressTest
    @Description("The peer closes the idle connection while a caller acquires it.")
    @Outcome(id = "IMMEDIATE, conserved", expect = ACCEPTABLE, desc = "Taken, then closed under its holder.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "Closed, so another was opened.")
    @Outcome(expect = FORBIDDEN, desc = "Both, or something was lost.")
    @State
    public static class PeerCloseAgainstAcquire extends OneIdle {
        private CompletableFuture<Lease<FakeConnection>> asked = new CompletableFuture<>();

        public PeerCloseAgainstAcquire() {
            super(1);
        }

        @Actor
        public void peer() {
            link.peerCloses();
        }

        @Actor
        public void acquire() {
            asked = manager.acquire(A);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = answerOf(asked);
            r.r2 = audit();
        }
    }

    /** G07, G08: input arrives on a connection that is being acquired. */
    @JCStressTest
    @Description("The peer sends something while a caller acquires the idle connection.")
    @Outcome(
            id = "held IMMEDIATE, conserved",
            expect = ACCEPTABLE,
            desc = "Taken before the input: it goes to the holder.")
    @Outcome(
            id = "dropped NEW, conserved",
            expect = ACCEPTABLE,
            desc = "Input while idle: closed, and another was opened.")
    @Outcome(
            expect = FORBIDDEN,
            desc = "A holder got a connection on which something was dropped, or something was lost.")
    @State
    public static class PeerSpeaksAgainstAcquire extends OneIdle {
        private boolean held;
        private CompletableFuture<Lease<FakeConnection>> asked = new CompletableFuture<>();

        public PeerSpeaksAgainstAcquire() {
            super(1);
        }

        @Actor
        public void peer() {
            held = link.peerSpeaks();
        }

        @Actor
        public void acquire() {
            asked = manager.acquire(A);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = (held ? "held " : "dropped ") + answerOf(asked);
            r.r2 = audit();
        }
    }

    /** G09: input arrives while the lease ends. */
    @JCStressTest
    @Description("The peer sends something while the lease is released.")
    @Outcome(id = "held IMMEDIATE, conserved", expect = ACCEPTABLE, desc = "For the holder, which released anyway.")
    @Outcome(id = "dropped NEW, conserved", expect = ACCEPTABLE, desc = "No holder was entitled to it: closed.")
    @Outcome(expect = FORBIDDEN, desc = "A connection was kept on which something was dropped, or something was lost.")
    @State
    public static class PeerSpeaksAgainstRelease extends StressRig {
        private final Lease<FakeConnection> lease;
        private final FakeLink link;
        private boolean held;

        public PeerSpeaksAgainstRelease() {
            super(Dials.PROMPT, 1, 1);
            lease = leased(A);
            link = lease.connection().link();
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
            r.r1 = (held ? "held " : "dropped ") + answerOf(next);
            r.r2 = audit();
        }
    }

    /** B13: the connection dies while it is released to a waiter. */
    @JCStressTest
    @Description("The peer closes the connection while it is released to a waiter.")
    @Outcome(id = "DEFERRED, conserved", expect = ACCEPTABLE, desc = "Released, then closed under the waiter.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "Closed, so another was opened.")
    @Outcome(expect = FORBIDDEN, desc = "The waiter was not served, or something was lost.")
    @State
    public static class PeerCloseAgainstRelease extends DeliveryRaces.OneWaits {
        private final FakeLink link = held.connection().link();

        @Actor
        public void peer() {
            link.peerCloses();
        }

        @Actor
        public void release() {
            held.release();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = answer();
            r.r2 = audit();
        }
    }

    /** G17: the idle timeout falls on the acquire. */
    @JCStressTest
    @Description("The idle connection expires while a caller tries to acquire it.")
    @Outcome(id = "IMMEDIATE, conserved", expect = ACCEPTABLE, desc = "Taken.")
    @Outcome(id = "none, conserved", expect = ACCEPTABLE, desc = "Expired.")
    @Outcome(expect = FORBIDDEN, desc = "Something was lost.")
    @State
    public static class IdleTimeoutAgainstTryAcquire extends OneIdle {
        private @Nullable Lease<FakeConnection> got;

        public IdleTimeoutAgainstTryAcquire() {
            super(1);
        }

        @Actor
        public void alarm() {
            time.step(STEP);
        }

        @Actor
        public void acquire() {
            got = manager.tryAcquire(A);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            Lease<FakeConnection> lease = got;
            String origin = "none";
            if (lease != null) {
                origin = lease.origin().name();
                lease.release();
            }
            r.r1 = origin;
            r.r2 = audit();
        }
    }

    /** C05: the connection is evicted for another endpoint while it is acquired. */
    @JCStressTest
    @Description("Another endpoint needs the place of the idle connection while a caller tries to acquire it.")
    @Outcome(
            id = "IMMEDIATE NEW, conserved",
            expect = ACCEPTABLE,
            desc = "Taken; the other was served after its release.")
    @Outcome(id = "none NEW, conserved", expect = ACCEPTABLE, desc = "Evicted.")
    @Outcome(expect = FORBIDDEN, desc = "The other endpoint was not served, or something was lost.")
    @State
    public static class EvictionAgainstTryAcquire extends OneIdle {
        private CompletableFuture<Lease<FakeConnection>> asked = new CompletableFuture<>();
        private @Nullable Lease<FakeConnection> got;

        public EvictionAgainstTryAcquire() {
            super(1);
        }

        @Actor
        public void evict() {
            asked = manager.acquire(B);
        }

        @Actor
        public void acquire() {
            got = manager.tryAcquire(A);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            Lease<FakeConnection> lease = got;
            String origin = "none";
            if (lease != null) {
                origin = lease.origin().name();
                lease.release();
            }
            r.r1 = origin + " " + answerOf(asked);
            r.r2 = audit();
        }
    }
}
