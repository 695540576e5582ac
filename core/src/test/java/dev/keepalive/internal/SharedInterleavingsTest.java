package dev.keepalive.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.internal.SteppedSharing.SharedConnection;
import java.util.List;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The orders in which holders, waiters, peers, the patrol and the machine may act on a connection that takes several
 * leases, step by step. In each order: each lease ends once, and is cleaned up once at most. No place is lost, and none
 * is invented: at the end the connection has as much room as its link has said last. Each acquire is answered.
 *
 * <p>Two actors run in all orders. Three actors run in those orders that have few preemptions; {@code -Dpreemptions=4}
 * allows more of them.
 */
class SharedInterleavingsTest {
    private static final int PREEMPTIONS = Integer.getInteger("preemptions", 2);

    private static final Logger LOG = Logger.getLogger("dev.keepalive");

    /** Many orders end with leases that are cut short, which is logged. */
    @BeforeAll
    static void logNothing() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void logAgain() {
        LOG.setLevel(null);
    }

    private static void inEveryOrder(int capacity, Consumer<SteppedSharing> program) {
        inOrders(Integer.MAX_VALUE, capacity, program);
    }

    private static void inManyOrders(int capacity, Consumer<SteppedSharing> program) {
        inOrders(PREEMPTIONS, capacity, program);
    }

    private static void inOrders(int preemptions, int capacity, Consumer<SteppedSharing> program) {
        int orders = Interleaver.all(preemptions, () -> {
            SteppedSharing manager = new SteppedSharing(capacity) {};
            program.accept(manager);
            return manager;
        });
        assertThat(orders).as("orders").isGreaterThan(5);
    }

    @Test
    void oneLeaseIsReleasedByTwoThreads() {
        inEveryOrder(2, manager -> {
            List<SharedLease<SharedConnection>> leases = manager.leases(2);
            manager.actor(() -> manager.release(leases.get(0)));
            manager.actor(() -> manager.release(leases.get(0)));
        });
    }

    @Test
    void aLeaseIsReleasedAndInvalidatedWhileACallerWaits() {
        inManyOrders(2, manager -> {
            List<SharedLease<SharedConnection>> leases = manager.leases(2);
            manager.actor(() -> manager.release(leases.get(0)));
            manager.actor(() -> manager.invalidate(leases.get(0)));
            manager.actor(manager::acquire);
        });
    }

    @Test
    void twoLeasesAreReleasedWhileTheirResetsAreAnswered() {
        inManyOrders(2, manager -> {
            List<SharedLease<SharedConnection>> leases = manager.leases(2);
            manager.answerResetsLater();
            manager.actor(() -> manager.release(leases.get(0)));
            manager.actor(() -> manager.release(leases.get(1)));
            manager.actor(() -> {
                manager.connections.get(0).answerResets();
                manager.connections.get(0).answerResets();
            });
        });
    }

    @Test
    void aResetIsAnsweredWhileItsLeaseIsReleasedAndACallerWaits() {
        inManyOrders(1, manager -> {
            List<SharedLease<SharedConnection>> leases = manager.leases(1);
            manager.answerResetsLater();
            manager.actor(() -> manager.release(leases.get(0)));
            manager.actor(manager.connections.get(0)::answerResets);
            manager.actor(manager::acquire);
        });
    }

    @Test
    void aLeaseIsReleasedWhileThePeerClosesAndACallerWaits() {
        inManyOrders(2, manager -> {
            List<SharedLease<SharedConnection>> leases = manager.leases(2);
            manager.actor(() -> manager.release(leases.get(0)));
            manager.actor(manager.connections.get(0)::peerCloses);
            manager.actor(manager::acquire);
        });
    }

    @Test
    void aLeaseIsReclaimedWhileAnotherOneIsReleasedAndACallerWaits() {
        inManyOrders(2, manager -> {
            List<SharedLease<SharedConnection>> leases = manager.leases(2);
            manager.actor(() -> manager.reclaim(leases.get(0)));
            manager.actor(() -> manager.release(leases.get(1)));
            manager.actor(manager::acquire);
        });
    }

    @Test
    void aReclaimedLeasesResetIsAnsweredLater() {
        inEveryOrder(1, manager -> {
            List<SharedLease<SharedConnection>> leases = manager.leases(1);
            manager.answerResetsLater();
            manager.actor(() -> manager.reclaim(leases.get(0)));
            manager.actor(manager.connections.get(0)::answerResets);
        });
    }

    @Test
    void twoLevelsAreSetWhileALeaseIsReleased() {
        inManyOrders(2, manager -> {
            List<SharedLease<SharedConnection>> leases = manager.leases(2);
            SharedConnection connection = manager.connections.get(0);
            manager.actor(() -> connection.capacity(5));
            manager.actor(() -> connection.capacity(3));
            manager.actor(() -> manager.release(leases.get(1)));
        });
    }

    @Test
    void twoLevelsAreSetWhileTheDialSucceeds() {
        inManyOrders(-1, manager -> {
            manager.acquire();
            SharedConnection connection = manager.connections.get(0);
            manager.actor(connection::opened);
            manager.actor(() -> connection.capacity(1));
            manager.actor(() -> connection.capacity(2));
        });
    }

    @Test
    void theRoomGoesAndComesBackWhileTheDialSucceeds() {
        inEveryOrder(-1, manager -> {
            manager.acquire();
            SharedConnection connection = manager.connections.get(0);
            manager.actor(connection::opened);
            manager.actor(() -> {
                connection.capacity(1);
                connection.capacity(0);
                connection.capacity(2);
            });
        });
    }

    @Test
    void thePeerClosesWhileTheDialSucceeds() {
        inManyOrders(-1, manager -> {
            manager.acquire();
            SharedConnection connection = manager.connections.get(0);
            manager.actor(connection::opened);
            manager.actor(connection::peerCloses);
            manager.actor(manager::shutDown);
        });
    }

    @Test
    void theDialIsStoppedWhileItOpensWithoutRoom() {
        inEveryOrder(-1, manager -> {
            manager.acquire();
            SharedConnection connection = manager.connections.get(0);
            manager.actor(connection::opened);
            manager.actor(manager::shutDown);
        });
    }

    @Test
    void aConnectionIsClosedWhileItGetsRoom() {
        inManyOrders(0, manager -> {
            manager.acquire();
            SharedConnection connection = manager.connections.get(0);
            manager.actor(connection::peerCloses);
            manager.actor(() -> connection.capacity(1));
            manager.actor(manager::shutDown);
        });
    }

    @Test
    void theManagerIsClosedWhileALeaseIsDelivered() {
        inManyOrders(3, manager -> {
            manager.leases(1);
            manager.actor(manager::acquire);
            manager.actor(manager::shutDown);
            manager.actor(manager::acquire);
        });
    }

    @Test
    void theManagerIsClosedWhileALeaseIsReleased() {
        inManyOrders(2, manager -> {
            List<SharedLease<SharedConnection>> leases = manager.leases(2);
            manager.actor(() -> manager.release(leases.get(0)));
            manager.actor(manager::shutDown);
            manager.actor(() -> manager.invalidate(leases.get(1)));
        });
    }

    @Test
    void theManagerIsDrainedWhileLeasesAreReleased() {
        inManyOrders(2, manager -> {
            List<SharedLease<SharedConnection>> leases = manager.leases(2);
            manager.answerResetsLater();
            manager.actor(() -> manager.release(leases.get(0)));
            manager.actor(manager::drain);
            manager.actor(() -> manager.invalidate(leases.get(1)));
        });
    }

    @Test
    void aConnectionIsRetiredWhileALeaseEndsAndACallerWaits() {
        inManyOrders(2, manager -> {
            List<SharedLease<SharedConnection>> leases = manager.leases(2);
            manager.actor(() -> manager.release(leases.get(0)));
            manager.actor(() -> manager.retire(SteppedProgram.A));
            manager.actor(manager::acquire);
        });
    }
}
