package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.Lease;
import dev.keepalive.spi.Link;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** How connections with several leases end, and what becomes of their leases; their setup and their eviction. */
class ManagerSharedEndsTest extends ManagerSharedRig {
    // ---- the manager ends

    @Test
    void aManagerThatIsClosedCutsEachLeaseShortAndReportsEachOnce() {
        share(3);
        List<Lease<FakeConnection>> leases = leases(3);
        time.advance(Duration.ofSeconds(2));
        leases.get(1).release();
        manager.close();
        tasks.runAll();
        assertThat(told)
                .containsExactly(
                        "cut short line://a:1 (1) 2",
                        "cut short line://a:1 (3) 2",
                        "closed MANAGER_CLOSED after 3 uses");
        assertThat(leases.get(0).isEnded()).isTrue();
        assertThatThrownBy(leases.get(0)::connection).isInstanceOf(IllegalStateException.class);
        assertThat(leases.get(0).release()).isFalse();
        assertThat(leases.get(2).invalidate()).isFalse();
        tasks.runAll();
        assertThat(told).as("nothing more is told").hasSize(3);
    }

    @Test
    void aDrainServesTheWaitersAndWaitsForTheLeases() {
        share(2);
        List<Lease<FakeConnection>> leases = leases(2);
        CompletableFuture<Lease<FakeConnection>> waiting = acquire(1).get(0);
        CompletionStage<Boolean> drained = manager.drain(Duration.ofMinutes(1));
        assertThat(manager.acquire(A)).isCompletedExceptionally();
        leases.get(0).release();
        tasks.runAll();
        assertThat(waiting).isCompleted();
        leases.get(1).release();
        tasks.runAll();
        assertThat(link().isOpen()).isTrue();
        waiting.join().invalidate();
        tasks.runAll();
        assertThat(drained.toCompletableFuture()).isCompletedWithValue(true);
        assertThat(told).contains("closed MANAGER_CLOSED after 3 uses").noneMatch(line -> line.startsWith("cut short"));
    }

    @Test
    void aDrainWhoseTimeIsOverCutsTheLeasesShort() {
        share(2);
        List<Lease<FakeConnection>> leases = leases(2);
        CompletionStage<Boolean> drained = manager.drain(Duration.ofSeconds(1));
        time.advance(Duration.ofSeconds(1));
        tasks.runAll();
        assertThat(drained.toCompletableFuture()).isCompletedWithValue(false);
        assertThat(told).contains("cut short line://a:1 (1) 1", "cut short line://a:1 (2) 1");
        assertThat(leases).allMatch(Lease::isEnded).noneMatch(Lease::release);
    }

    // ---- the program or the connector retires the connection

    @Test
    void anEvictedConnectionTakesNoNewLeasesAndItsLeasesGoOn() {
        share(3, 128, 2, options -> options);
        List<Lease<FakeConnection>> leases = leases(2);
        FakeLink link = link();
        manager.evict(endpoint -> true);
        CompletableFuture<Lease<FakeConnection>> next = acquire(1).get(0);
        succeedDial();
        assertThat(next.join().connection().link()).isNotSameAs(link);
        assertThat(leases).noneMatch(Lease::isEnded);
        assertThat(counts().leaving()).isEqualTo(1);
        leases.forEach(Lease::release);
        tasks.runAll();
        assertThat(link.isOpen()).isFalse();
        assertThat(told).containsExactly("closed RETIRED after 2 uses");
    }

    @Test
    void aRetiredConnectionThatKeepsWaitersOutIsToldAndThenClosedUnderItsHolders() {
        share(2, 128, 1, options -> options.lingerTimeout(Duration.ofSeconds(40))
                .acquireTimeout(Duration.ofHours(1)));
        List<Lease<FakeConnection>> leases = leases(2);
        manager.evict(A::equals);
        CompletableFuture<Lease<FakeConnection>> waiting = acquire(1).get(0);
        time.advance(Duration.ofSeconds(30));
        tasks.runAll();
        assertThat(told).containsExactly("lingers with 2");
        time.advance(Duration.ofSeconds(10));
        tasks.runAll();
        assertThat(told).contains("cut short line://a:1 (1) 40", "cut short line://a:1 (2) 40");
        assertThat(leases).allMatch(Lease::isEnded).noneMatch(Lease::release);
        succeedDial();
        assertThat(waiting).isCompleted();
    }

    @Test
    void aConnectionThatItsConnectorRetiresTakesNoNewLeases() {
        share(3);
        List<Lease<FakeConnection>> leases = leases(2);
        link().retire();
        assertThat(acquire(1).get(0)).isNotDone();
        leases.get(0).release();
        assertThat(link().closeAsked()).isFalse();
        leases.get(1).invalidate();
        tasks.runAll();
        assertThat(told).contains("closed RETIRED after 2 uses");
    }

    @Test
    void anEvictedDialServesAsManyAsItTakes() {
        share(2);
        List<CompletableFuture<Lease<FakeConnection>>> acquired = acquire(2);
        manager.evict(endpoint -> true);
        succeedDial();
        assertThat(acquired).allMatch(CompletableFuture::isDone);
        FakeLink link = link();
        acquired.forEach(each -> each.join().release());
        tasks.runAll();
        assertThat(link.isOpen()).isFalse();
    }

    @Test
    void anIdleConnectionEndsByTheIdleTimeoutAfterItsLastLease() {
        share(2);
        List<Lease<FakeConnection>> leases = leases(2);
        leases.get(0).release();
        time.advance(Duration.ofSeconds(14));
        leases.get(1).release();
        time.advance(Duration.ofSeconds(14));
        assertThat(counts().idle()).isEqualTo(1);
        assertThat(counts().room()).isEqualTo(2);
        time.advance(Duration.ofSeconds(1));
        tasks.runAll();
        assertThat(told).containsExactly("closed IDLE_TIMEOUT after 2 uses");
    }

    // ---- the setup

    @Test
    void aSetupRunsOnceBeforeTheFirstLeasesAndIsCleanedUpAsNumber0() {
        List<FakeConnection> setups = new ArrayList<>();
        share(
                3,
                128,
                1,
                options -> options.setup((connection, endpoint) -> {
                    setups.add(connection);
                    return CompletableFuture.completedFuture(null);
                }));
        List<Lease<FakeConnection>> leases = leases(3);
        assertThat(setups).hasSize(1);
        assertThat(setups.get(0).lease().uses()).isZero();
        assertThat(setups.get(0).lease().isEnded()).isTrue();
        assertThat(link().resets()).containsExactly(0L);
        assertThat(leases).extracting(Lease::uses).containsExactly(1, 2, 3);
    }

    @Test
    void theLeasesWaitForTheResetAfterTheSetup() {
        share(
                2,
                128,
                1,
                options -> options.setup((connection, endpoint) -> {
                    connection.link().holdResets();
                    return CompletableFuture.completedFuture(null);
                }));
        List<CompletableFuture<Lease<FakeConnection>>> acquired = acquire(2);
        succeedDial();
        assertThat(acquired).noneMatch(CompletableFuture::isDone);
        link().answerReset(0, true);
        tasks.runAll();
        assertThat(acquired).allMatch(CompletableFuture::isDone);
        link().answerReset(0, false); // twice: ignored
        assertThat(counts().leaving()).isZero();
        FakeLink link = link();
        manager.close();
        tasks.runAll();
        assertThat(link.isOpen()).isFalse();
    }

    @Test
    void aSetupThatCannotBeCleanedUpFailsTheDial() {
        share(
                2,
                128,
                1,
                options -> options.setup((connection, endpoint) -> {
                    connection.link().leaveUnread();
                    return CompletableFuture.completedFuture(null);
                }));
        List<CompletableFuture<Lease<FakeConnection>>> acquired = acquire(1);
        succeedDial();
        assertThat(failure(acquired.get(0)))
                .hasMessageContaining("the setup left the connection with something unread");
        manager.close();
    }

    // ---- links that throw

    @Test
    void aLinkThatThrowsInAnyMethodHarmsNothingElse() {
        share(
                3,
                128,
                1,
                options -> options.setup((connection, endpoint) -> CompletableFuture.completedFuture(null)),
                fake -> new LinkWrappingConnector(fake, ThrowingLink::new));
        List<Lease<FakeConnection>> leases = leases(3);
        assertThatThrownBy(leases.get(1)::connection).hasMessage("handle 2");
        assertThat(leases.get(0).connection().link().isOpen()).isTrue();
        assertThat(leases.get(1).release()).as("its reset throws").isTrue();
        tasks.runAll();
        assertThat(told).containsExactly("the connector's reset threw reset 2");
        assertThat(leases.get(0).isEnded()).isFalse();
        assertThat(leases.get(2).connection().link().isOpen()).isTrue();
        assertThat(counts().leaving())
                .as("a place that cannot be cleaned up retires it")
                .isEqualTo(1);
        leases.get(0).release();
        leases.get(2).release();
        tasks.runAll();
        assertThat(told).contains("the connector's close threw close", "closed RETIRED after 3 uses");
    }

    @Test
    void aLinkThatCannotSayWhetherItIsSharedTakesOneLeaseAtATime() {
        share(2, 128, 1, options -> options, fake -> {
            fake.notSharing();
            return new LinkWrappingConnector(fake, link -> new ForwardingLink(link) {
                @Override
                public boolean isShared() {
                    throw new IllegalStateException("am I?");
                }
            });
        });
        List<CompletableFuture<Lease<FakeConnection>>> acquired = acquire(2);
        succeedDial();
        assertThat(told).contains("the connector's isShared threw am I?");
        assertThat(acquired.get(1)).isNotDone();
        acquired.get(0).join().release();
        tasks.runAll();
        assertThat(acquired.get(1).join().uses()).isEqualTo(2);
    }

    /** A link whose methods throw where the connection can live with it. */
    private static final class ThrowingLink extends ForwardingLink {
        ThrowingLink(Link<FakeConnection> link) {
            super(link);
        }

        @Override
        public FakeConnection handle(Lease<FakeConnection> lease, long number) {
            if (number == 2) {
                throw new IllegalStateException("handle 2");
            }
            return super.handle(lease, number);
        }

        @Override
        public void reset(long number) {
            if (number == 2) {
                throw new IllegalStateException("reset 2");
            }
            super.reset(number);
        }

        @Override
        public void setupDone() {
            throw new IllegalStateException("setupDone");
        }

        @Override
        public Executor eventLoop() {
            throw new IllegalStateException("eventLoop");
        }

        @Override
        public void close() {
            super.close();
            throw new IllegalStateException("close");
        }
    }
}
