package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Lease;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The option {@code retryDials}, of the manager and of a request. */
class ManagerRetryDialsTest extends ManagerRig {
    private static final AcquireRequest PATIENT = AcquireRequest.to(A).withRetryDials(true);
    private static final AcquireRequest HASTY = AcquireRequest.to(A).withRetryDials(false);

    private void refuse(int dials) {
        for (int i = 0; i < dials; i++) {
            tasks.runAll();
            connector.nextDial().refuse();
        }
        tasks.runAll();
    }

    private void assertIsServedAfterTwoFailedDials(CompletableFuture<Lease<FakeConnection>> waiting) {
        refuse(2);
        assertThat(waiting).isNotDone();
        time.advance(Duration.ofMillis(100));
        succeedDial();
        assertThat(waiting.join().release()).isTrue();
    }

    @Test
    void withoutItAnAcquireFailsWithItsDial() {
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        refuse(1);
        assertThat(failure(waiting)).isInstanceOf(AcquireException.DialFailed.class);
    }

    @Test
    void aRequestAsksForIt() {
        assertIsServedAfterTwoFailedDials(manager.acquire(PATIENT));
    }

    @Test
    void theManagersOptionIsTheDefaultOfRequests() {
        replaceManager(4, 4, options -> options.retryDials(true));
        assertIsServedAfterTwoFailedDials(manager.acquire(A));
    }

    @Test
    void aRequestOverridesTheManagersOption() {
        replaceManager(4, 4, options -> options.retryDials(true));
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(HASTY);
        refuse(1);
        assertThat(failure(waiting)).isInstanceOf(AcquireException.DialFailed.class);
    }

    @Test
    void aTimeoutTellsTheErrorOfTheLastDial() {
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(PATIENT.withTimeout(Duration.ofMillis(10)));
        refuse(2);
        time.advance(Duration.ofMillis(10));
        tasks.runAll();
        assertThat(failure(waiting))
                .isInstanceOf(AcquireException.TimedOut.class)
                .hasMessageContaining(
                        "the request's timeout PT0.01S is over; the last dial failed: Connection refused");
    }

    @Test
    void theOtherPartsOfARequestAreKeptAndItIsSerialised() throws Exception {
        AcquireRequest request =
                PATIENT.withLabel("l").withTimeout(Duration.ofSeconds(1)).fresh();
        assertThat(request.retryDials()).isTrue();
        assertThat(request.withRetryDials(false).label()).isEqualTo("l");
        assertThat(request.withRetryDials(false).isFresh()).isTrue();
        assertThat(AcquireRequest.to(A).retryDials()).isNull();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(HASTY);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(((AcquireRequest) in.readObject()).retryDials()).isFalse();
        }
    }
}
