package dev.keepalive.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.testkit.FakeConnection;
import dev.keepalive.testkit.FakeLink;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** Connections that are borrowed without the machine, just when the machine, the peer or another caller needs them. */
public final class BorrowRaces {
    private BorrowRaces() {}

    /** A lease of the only connection to A, which the machine does not know of. */
    public abstract static class OneBorrowed extends StressRig {
        final Lease<FakeConnection> lease;
        final FakeLink link;

        OneBorrowed(int maxOpen) {
            super(Dials.PROMPT, maxOpen, 1);
            leased(A).release();
            lease = Objects.requireNonNull(manager.tryAcquire(A));
            link = lease.connection().link();
        }

        /** Tries to acquire a connection; says whether it got one, and whether it leads elsewhere. */
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

    /** Two callers borrow one connection. */
    @JCStressTest
    @Description("Two callers try to acquire the only idle connection, and keep it.")
    @Outcome(id = "taken none, conserved", expect = ACCEPTABLE, desc = "The first caller has it.")
    @Outcome(id = "none taken, conserved", expect = ACCEPTABLE, desc = "The second caller has it.")
    @Outcome(expect = FORBIDDEN, desc = "Both have it, or neither, or something was lost.")
    @State
    public static class BorrowAgainstBorrow extends ReuseRaces.OneIdle {
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

    /** A connection that has moved to another endpoint cannot be acquired at its former one. */
    @JCStressTest
    @Description("A borrowed connection moves to B while a caller tries to acquire it at A.")
    @Outcome(id = "none taken, conserved", expect = ACCEPTABLE, desc = "It can be acquired at the other endpoint only.")
    @Outcome(expect = FORBIDDEN, desc = "It was acquired at its former endpoint, or something was lost.")
    @State
    public static class ReleaseAsAgainstBorrow extends OneBorrowed {
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

    /** The same with later callers: the connection moves there and back. */
    @JCStressTest
    @Description("Two threads move one connection between two endpoints, there and back.")
    @Outcome(id = "conserved, conserved", expect = ACCEPTABLE, desc = "Each got one to its endpoint, or none.")
    @Outcome(expect = FORBIDDEN, desc = "A caller got a connection to the other endpoint, or something was lost.")
    @State
    public static class ReleaseAsAgainstReleaseAs extends StressRig {
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

    /** No caller borrows after the end. */
    @JCStressTest
    @Description("The manager is closed while a caller borrows and releases.")
    @Outcome(id = "none, conserved", expect = ACCEPTABLE, desc = "Closed first.")
    @Outcome(id = "taken, conserved", expect = ACCEPTABLE, desc = "Taken before.")
    @Outcome(expect = FORBIDDEN, desc = "Something stays open.")
    @State
    public static class ShutdownAgainstBorrow extends ReuseRaces.OneIdle {
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

    private static String ended(@Nullable Lease<FakeConnection> lease) {
        if (lease == null) {
            return "none";
        }
        lease.release();
        return "taken";
    }
}
