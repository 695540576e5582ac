package dev.keepalive.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.keepalive.AcquireException;
import dev.keepalive.Lease;
import dev.keepalive.testkit.FakeConnection;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** A waiting thread that is interrupted just when it is served. */
public final class InterruptRaces {
    private InterruptRaces() {}

    /** A waiter on a thread that may be interrupted only while it waits. */
    public abstract static class OneBlocks extends StressRig {
        final Lease<FakeConnection> held;
        private String answer = "";
        private @Nullable Thread waiting;

        OneBlocks() {
            super(Dials.PROMPT, 1, 1);
            held = leased(A);
        }

        void await() {
            begin(Thread.currentThread());
            try {
                manager.blocking().acquire(A).release();
                answer = "served";
            } catch (InterruptedException interrupted) {
                answer = "interrupted";
            } catch (AcquireException failure) {
                answer = failure.getClass().getSimpleName();
            } finally {
                begin(null);
                Thread.interrupted();
            }
        }

        private synchronized void begin(@Nullable Thread thread) {
            waiting = thread;
        }

        synchronized void interrupt() {
            Thread thread = waiting;
            if (thread != null) {
                thread.interrupt();
            }
        }

        String answer() {
            return answer;
        }
    }

    /** I10: the interrupt comes at the delivery. */
    @JCStressTest
    @Description("A blocked waiter is served, and interrupted.")
    @Outcome(id = "served, conserved", expect = ACCEPTABLE, desc = "It got the lease.")
    @Outcome(
            id = "interrupted, conserved",
            expect = ACCEPTABLE,
            desc = "It left the wait queue, or returned the lease.")
    @Outcome(expect = FORBIDDEN, desc = "A lease was lost.")
    @State
    public static class ReleaseThenInterrupt extends OneBlocks {

        @Actor
        public void waiter() {
            await();
        }

        @Actor
        public void holder() {
            held.release();
            interrupt();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = answer();
            r.r2 = audit();
        }
    }

    /** I10: the delivery comes at the interrupt. */
    @JCStressTest
    @Description("A blocked waiter is interrupted, and served.")
    @Outcome(id = "served, conserved", expect = ACCEPTABLE, desc = "It got the lease.")
    @Outcome(
            id = "interrupted, conserved",
            expect = ACCEPTABLE,
            desc = "It left the wait queue, or returned the lease.")
    @Outcome(expect = FORBIDDEN, desc = "A lease was lost.")
    @State
    public static class InterruptThenRelease extends OneBlocks {

        @Actor
        public void waiter() {
            await();
        }

        @Actor
        public void holder() {
            interrupt();
            held.release();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = answer();
            r.r2 = audit();
        }
    }
}
