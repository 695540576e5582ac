package dev.keepalive.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.keepalive.Lease;
import dev.keepalive.testkit.FakeConnection;
import dev.keepalive.testkit.ManualExecutor;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** The end of the manager while something else happens. Every caller is answered once, and nothing stays open. */
public final class ShutdownRaces {
    private ShutdownRaces() {}

    /** J07, J04. */
    @JCStressTest
    @Description("The manager is closed while a lease is released to a waiter.")
    @Outcome(id = "Closed, conserved", expect = ACCEPTABLE, desc = "The waiter was told that the manager is closed.")
    @Outcome(
            id = "DEFERRED, conserved",
            expect = ACCEPTABLE,
            desc = "The waiter was served before; its connection is closed under it.")
    @Outcome(expect = FORBIDDEN, desc = "The waiter was not answered, or something stays open.")
    @State
    public static class ShutdownAgainstRelease extends DeliveryRaces.OneWaits {

        @Actor
        public void shutDown() {
            close();
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

    /** J07, J02. */
    @JCStressTest
    @Description("The manager is closed while a dial succeeds.")
    @Outcome(id = "Closed, conserved", expect = ACCEPTABLE, desc = "The late link is closed.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "Served before; its connection is closed under it.")
    @Outcome(expect = FORBIDDEN, desc = "The waiter was not answered, or something stays open.")
    @State
    public static class ShutdownAgainstDialSuccess extends DeliveryRaces.OneDials {

        @Actor
        public void shutDown() {
            close();
        }

        @Actor
        public void succeed() {
            dial.succeed();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = DeliveryRaces.answerOf(waiting);
            r.r2 = audit();
        }
    }

    /** J02. */
    @JCStressTest
    @Description("The manager is closed while a dial fails.")
    @Outcome(id = "Closed, conserved", expect = ACCEPTABLE, desc = "Closed first.")
    @Outcome(id = "DialFailed, conserved", expect = ACCEPTABLE, desc = "Failed first.")
    @Outcome(expect = FORBIDDEN, desc = "The waiter was not answered, or something stays open.")
    @State
    public static class ShutdownAgainstDialFailure extends DeliveryRaces.OneDials {

        @Actor
        public void shutDown() {
            close();
        }

        @Actor
        public void refuse() {
            dial.refuse();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = DeliveryRaces.answerOf(waiting);
            r.r2 = audit();
        }
    }

    /** J05. */
    @JCStressTest
    @Description("The manager is closed while a caller acquires.")
    @Outcome(id = "Closed, conserved", expect = ACCEPTABLE, desc = "Refused, or failed while it waited.")
    @Outcome(id = "NEW, conserved", expect = ACCEPTABLE, desc = "Served before; its connection is closed under it.")
    @Outcome(expect = FORBIDDEN, desc = "The acquire was not answered, or something stays open.")
    @State
    public static class ShutdownAgainstAcquire extends StressRig {
        private CompletableFuture<Lease<FakeConnection>> asked = new CompletableFuture<>();

        public ShutdownAgainstAcquire() {
            super(Dials.PROMPT, 1, 1);
        }

        @Actor
        public void shutDown() {
            close();
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

    /** J06. */
    @JCStressTest
    @Description("Two threads close the manager.")
    @Outcome(id = "Closed, conserved", expect = ACCEPTABLE, desc = "The waiter was told once.")
    @Outcome(expect = FORBIDDEN, desc = "The waiter was not answered, or something stays open.")
    @State
    public static class ShutdownAgainstShutdown extends DeliveryRaces.OneWaits {

        @Actor
        public void one() {
            manager.close();
        }

        @Actor
        public void other() {
            close();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = answer();
            r.r2 = audit();
        }
    }

    /** J01, A18. */
    @JCStressTest
    @Description("The manager is closed while a waiter cancels.")
    @Outcome(id = "Closed, conserved", expect = ACCEPTABLE, desc = "Closed first.")
    @Outcome(id = "cancelled, conserved", expect = ACCEPTABLE, desc = "Cancelled first.")
    @Outcome(expect = FORBIDDEN, desc = "The waiter was not answered, or something stays open.")
    @State
    public static class ShutdownAgainstCancel extends DeliveryRaces.OneWaits {

        @Actor
        public void shutDown() {
            close();
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

    /** C11, J03: the wait queue is served while the manager drains. */
    @JCStressTest
    @Description("The manager is drained while a lease is released to a waiter.")
    @Outcome(
            id = "DEFERRED clean, conserved",
            expect = ACCEPTABLE,
            desc = "Served; then nothing was left, and no lease was cut.")
    @Outcome(
            expect = FORBIDDEN,
            desc = "The waiter was not served, or the drain does not end, or something stays open.")
    @State
    public static class DrainAgainstRelease extends DeliveryRaces.OneWaits {
        private CompletableFuture<Boolean> drained = new CompletableFuture<>();

        @Actor
        public void drains() {
            drained = drain();
        }

        @Actor
        public void release() {
            held.release();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = answer() + ended(drained);
            r.r2 = audit();
        }
    }

    /** J05, for a drain. */
    @JCStressTest
    @Description("The manager is drained while a caller acquires.")
    @Outcome(id = "Closed clean, conserved", expect = ACCEPTABLE, desc = "Too late.")
    @Outcome(
            id = "NEW clean, conserved",
            expect = ACCEPTABLE,
            desc = "In the wait queue before, so a connection was opened for it.")
    @Outcome(
            expect = FORBIDDEN,
            desc = "The acquire was not answered, or the drain does not end, or something stays open.")
    @State
    public static class DrainAgainstAcquire extends StressRig {
        private CompletableFuture<Boolean> drained = new CompletableFuture<>();
        private CompletableFuture<Lease<FakeConnection>> asked = new CompletableFuture<>();

        public DrainAgainstAcquire() {
            super(Dials.PROMPT, 1, 1);
        }

        @Actor
        public void drains() {
            drained = drain();
        }

        @Actor
        public void acquire() {
            asked = manager.acquire(A);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = DeliveryRaces.answerOf(asked) + ended(drained);
            r.r2 = audit();
        }
    }

    private static String ended(CompletableFuture<Boolean> drained) {
        return !drained.isDone() ? " goes on" : drained.join() ? " clean" : " cut";
    }

    /** J02: a dial is stopped just before it begins. */
    @JCStressTest
    @Description("The manager is closed while its executor begins the dial.")
    @Outcome(id = "Closed never begun, conserved", expect = ACCEPTABLE, desc = "The stop came first.")
    @Outcome(id = "Closed stopped, conserved", expect = ACCEPTABLE, desc = "The dial had begun.")
    @Outcome(expect = FORBIDDEN, desc = "The dial goes on, or something stays open.")
    @State
    public static class StopAgainstBegin extends StressRig {
        private final ManualExecutor tasks;
        private final CompletableFuture<Lease<FakeConnection>> waiting;

        public StopAgainstBegin() {
            this(new ManualExecutor());
        }

        private StopAgainstBegin(ManualExecutor tasks) {
            super(Dials.SCRIPTED, 1, 1, tasks, tasks::runAll);
            this.tasks = tasks;
            waiting = manager.acquire(A);
        }

        @Actor
        public void begin() {
            tasks.runNext();
        }

        @Actor
        public void shutDown() {
            close();
            tasks.runAll();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            tasks.runAll();
            boolean never = connector.dials().isEmpty();
            String dial = never ? "never begun" : connector.nextDial().isStopped() ? "stopped" : "goes on";
            r.r1 = DeliveryRaces.answerOf(waiting) + " " + dial;
            r.r2 = audit();
        }
    }
}
