package dev.keepalive.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Lease;
import dev.keepalive.testkit.FakeConnection;
import dev.keepalive.testkit.FakeDial;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/**
 * A waiter that gives up, or whose time is up, just when it is served. It gets the lease or not, and nothing is lost.
 */
public final class DeliveryRaces {
    private static final int SPINS = 200;

    private DeliveryRaces() {}

    /** One place, whose connection is leased, and one waiter. */
    public abstract static class OneWaits extends StressRig {
        final Lease<FakeConnection> held;
        final CompletableFuture<Lease<FakeConnection>> waiting;

        OneWaits() {
            super(Dials.PROMPT, 1, 1);
            held = leased(A);
            waiting = manager.acquire(AcquireRequest.to(A).withTimeout(STEP));
        }

        String answer() {
            return answerOf(waiting);
        }
    }

    /** Releases the lease of a future, and says how the acquire ended. */
    static String answerOf(CompletableFuture<Lease<FakeConnection>> future) {
        if (future.isCancelled()) {
            return "cancelled";
        }
        return future.handle((lease, failure) -> {
                    if (failure != null) {
                        return failure.getClass().getSimpleName();
                    }
                    lease.release();
                    return lease.origin().name();
                })
                .getNow("unanswered");
    }

    /** A01 with a future. */
    @JCStressTest
    @Description("The holder releases while the waiter cancels its future.")
    @Outcome(id = "cancelled, conserved", expect = ACCEPTABLE, desc = "The cancel came first: the connection is idle.")
    @Outcome(id = "DEFERRED, conserved", expect = ACCEPTABLE, desc = "The delivery came first.")
    @Outcome(expect = FORBIDDEN, desc = "Something was lost, or answered otherwise.")
    @State
    public static class CancelAgainstDelivery extends OneWaits {
        @Actor
        public void release() {
            held.release();
        }

        @Actor
        public void cancel() {
            waiting.cancel(false);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = answer();
            r.r2 = audit();
        }
    }

    /** A01 with callbacks. */
    @JCStressTest
    @Description("The holder releases while the waiter cancels its callback.")
    @Outcome(id = "true none, conserved", expect = ACCEPTABLE, desc = "Cancelled: neither callback was called.")
    @Outcome(id = "false lease, conserved", expect = ACCEPTABLE, desc = "Too late: the callback was called once.")
    @Outcome(expect = FORBIDDEN, desc = "Both or neither, twice, or something was lost.")
    @State
    public static class WithdrawAgainstCallback extends StressRig {
        private final Lease<FakeConnection> held;
        private final AtomicReference<String> told = new AtomicReference<>("");
        private final Future<?> waiting;
        private volatile @Nullable Lease<FakeConnection> got;
        private boolean withdrawn;

        public WithdrawAgainstCallback() {
            super(Dials.PROMPT, 1, 1);
            held = leased(A);
            waiting = manager.acquire(AcquireRequest.to(A), Runnable::run, this::lease, this::failure);
        }

        private void lease(Lease<FakeConnection> lease) {
            got = lease;
            told.accumulateAndGet("lease", String::concat);
        }

        private void failure(AcquireException failure) {
            told.accumulateAndGet("failure", String::concat);
        }

        @Actor
        public void release() {
            held.release();
        }

        @Actor
        public void withdraw() {
            withdrawn = waiting.cancel(false);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            Lease<FakeConnection> lease = got;
            if (lease != null) {
                lease.release();
            }
            r.r1 = withdrawn + " " + (told.get().isEmpty() ? "none" : told.get());
            r.r2 = audit();
        }
    }

    /** A02. */
    @JCStressTest
    @Description("The holder releases when the waiter times out.")
    @Outcome(id = "TimedOut, conserved", expect = ACCEPTABLE, desc = "The alarm came first: the connection is idle.")
    @Outcome(id = "DEFERRED, conserved", expect = ACCEPTABLE, desc = "The release came first.")
    @Outcome(expect = FORBIDDEN, desc = "Something was lost, or answered otherwise.")
    @State
    public static class TimeoutAgainstDelivery extends OneWaits {
        @Actor
        public void release() {
            held.release();
        }

        @Actor
        public void alarm() {
            time.step(STEP);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = answer();
            r.r2 = audit();
        }
    }

    /** A waiter whose dial is under way. */
    public abstract static class OneDials extends StressRig {
        final CompletableFuture<Lease<FakeConnection>> waiting;
        final FakeDial dial;

        OneDials() {
            super(Dials.SCRIPTED, 1, 1);
            waiting = manager.acquire(AcquireRequest.to(A).withTimeout(STEP));
            dial = connector.nextDial();
        }

        @Override
        protected void answer(FakeDial other) {
            if (other != dial) {
                super.answer(other);
            }
        }
    }

    /** A03: the timeouts of waiter and dial are due together. */
    @JCStressTest
    @Description("The dial succeeds when the waiter and the dial time out.")
    @Outcome(id = "DialFailed, conserved", expect = ACCEPTABLE, desc = "The alarm came first; the late link is closed.")
    @Outcome(id = "TimedOut, conserved", expect = ACCEPTABLE, desc = "The alarm came first; the late link is closed.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "The dial came first.")
    @Outcome(expect = FORBIDDEN, desc = "Something was lost, or answered otherwise.")
    @State
    public static class TimeoutAgainstDialSuccess extends OneDials {
        @Actor
        public void succeed() {
            dial.succeed();
        }

        @Actor
        public void alarm() {
            time.step(STEP);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = answerOf(waiting);
            r.r2 = audit();
        }
    }

    /** The waiter cancels when its dial fails. Whether it was told or not, the next dial may begin. */
    @JCStressTest
    @Description("The dial fails while the waiter cancels.")
    @Outcome(id = "cancelled, conserved", expect = ACCEPTABLE, desc = "The cancel came first.")
    @Outcome(id = "DialFailed, conserved", expect = ACCEPTABLE, desc = "The failure came first.")
    @Outcome(expect = FORBIDDEN, desc = "Something was lost, or answered otherwise.")
    @State
    public static class CancelAgainstDialFailure extends OneDials {
        @Actor
        public void refuse() {
            dial.refuse();
        }

        @Actor
        public void cancel() {
            waiting.cancel(false);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = answerOf(waiting);
            r.r2 = audit();
        }
    }

    /**
     * Two stages depend on the acquire. Each is cancelled by another thread, and the second cancel cancels the acquire.
     */
    @JCStressTest
    @Description("Both dependent stages of an acquire are cancelled, by two threads.")
    @Outcome(id = "cancelled, conserved", expect = ACCEPTABLE, desc = "The second cancel cancelled the acquire.")
    @Outcome(expect = FORBIDDEN, desc = "The acquire still waits although no stage needs it.")
    @State
    public static class StagesGivenUp extends OneWaits {
        private final CompletableFuture<Integer> one = waiting.thenApply(Lease::uses);
        private final CompletableFuture<Integer> other = waiting.thenApply(Lease::uses);

        @Actor
        public void one() {
            one.cancel(false);
        }

        @Actor
        public void other() {
            other.cancel(false);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            held.release();
            r.r1 = answer();
            r.r2 = audit();
        }
    }

    /**
     * A use is cancelled while it is served. Its work is cancelled or never begins, and its lease is ended in either
     * case.
     */
    @JCStressTest
    @Description("The holder releases while a use that waits is cancelled.")
    @Outcome(id = "cancelled never begun, conserved", expect = ACCEPTABLE, desc = "The cancel came before the work.")
    @Outcome(id = "cancelled work cancelled, conserved", expect = ACCEPTABLE, desc = "The work had begun.")
    @Outcome(expect = FORBIDDEN, desc = "The lease was left, or the work goes on.")
    @State
    public static class CancelAgainstUse extends StressRig {
        private final Lease<FakeConnection> held;
        private final CompletableFuture<String> use;
        private volatile @Nullable CompletableFuture<String> work;

        public CancelAgainstUse() {
            super(Dials.PROMPT, 1, 1);
            held = leased(A);
            use = manager.use(A, lease -> {
                CompletableFuture<String> begun = new CompletableFuture<>();
                work = begun;
                // A slow start makes it likelier that the use is cancelled meanwhile.
                for (int i = 0; i < SPINS; i++) {
                    Thread.onSpinWait();
                }
                return begun;
            });
        }

        @Actor
        public void release() {
            held.release();
        }

        @Actor
        public void cancel() {
            use.cancel(false);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            CompletableFuture<String> begun = work;
            String ended = begun == null ? "never begun" : begun.isCancelled() ? "work cancelled" : "work goes on";
            r.r1 = (use.isCancelled() ? "cancelled " : "not cancelled ") + ended;
            r.r2 = audit();
        }
    }

    /** A use is cancelled while its work completes. The lease is ended once. */
    @JCStressTest
    @Description("The work of a use completes while the use is cancelled.")
    @Outcome(id = "cancelled, conserved", expect = ACCEPTABLE, desc = "The cancel came first.")
    @Outcome(id = "done, conserved", expect = ACCEPTABLE, desc = "The work came first.")
    @Outcome(expect = FORBIDDEN, desc = "The lease was left, or the use never ended.")
    @State
    public static class CancelAgainstWork extends StressRig {
        private final CompletableFuture<String> work = new CompletableFuture<>();
        private final CompletableFuture<String> use;

        public CancelAgainstWork() {
            super(Dials.PROMPT, 1, 1);
            use = manager.use(A, lease -> work);
        }

        @Actor
        public void complete() {
            work.complete("done");
        }

        @Actor
        public void cancel() {
            use.cancel(false);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = use.isCancelled() ? "cancelled" : use.getNow("unanswered");
            r.r2 = audit();
        }
    }
}
