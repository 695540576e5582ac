package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AcquireFailuresTest {
    private final AcquireRequest request =
            AcquireRequest.to(Endpoint.of("line", "host", 1)).withLabel("a report");

    @Test
    void eachFailureNamesItsRequest() {
        Stream<AcquireException> failures = Stream.of(
                AcquireFailures.timedOut(request),
                AcquireFailures.dialFailed(request, new DialException(Phase.TLS, 0, "refused", null)),
                AcquireFailures.queueFull(request),
                AcquireFailures.closed(request),
                AcquireFailures.notDelivered(request, new RejectedExecutionException()));

        assertThat(failures).allSatisfy(failure -> {
            assertThat(failure.request()).isSameAs(request);
            assertThat(failure).hasMessageStartingWith("line://host:1 (a report): ");
            assertThat(failure.timings().get(Phase.QUEUE)).isZero();
        });
    }

    @Test
    void aFailedDialHasThePhaseAndTheNumberOfItsCause() {
        DialException cause = new DialException(Phase.CONNECT, 111, "Connection refused", null);

        AcquireException.DialFailed failure = AcquireFailures.dialFailed(request, cause);

        assertThat(failure.phase()).isEqualTo(Phase.CONNECT);
        assertThat(failure.errorNumber()).isEqualTo(111);
        assertThat(failure.errorText()).isEqualTo("Connection refused");
        assertThat(failure).hasCause(cause);
    }

    @Test
    void aTimedOutAcquireWaitedInTheQueue() {
        assertThat(AcquireFailures.timedOut(request).phase()).isEqualTo(Phase.QUEUE);
        assertThat(AcquireFailures.timedOut(request).errorNumber()).isEqualTo(110);
    }
}
