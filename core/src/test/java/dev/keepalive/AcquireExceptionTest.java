package dev.keepalive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException.Details;
import dev.keepalive.machine.SlotCounts;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AcquireExceptionTest {
    private static final Endpoint PROXY = Endpoint.of("http", "proxy", 8080).withCredentials("me");
    private static final Endpoint ENDPOINT = Endpoint.of("redis", "a", 1)
            .withTls("b")
            .withProtocols("x", "y")
            .withProxy(PROXY)
            .withOwner("someone");

    @Test
    void aDeserializedExceptionHasEverythingButTheContext() throws Exception {
        AcquireRequest request = AcquireRequest.to(ENDPOINT)
                .withLabel("mine")
                .withTimeout(Duration.ofSeconds(3))
                .withContext(new Object());
        AcquireException read = readBack(failure(request));

        assertThat(read).isInstanceOf(AcquireException.TimedOut.class);
        assertThat(read.request().endpoint()).isEqualTo(ENDPOINT).hasSameHashCodeAs(ENDPOINT);
        assertThat(read.request().label()).isEqualTo("mine");
        assertThat(read.request().timeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(read.request().context()).isNull();
        assertThat(read.timings().get(Phase.QUEUE)).isEqualTo(Duration.ofNanos(5));
        assertThat(read.counts()).isEqualTo(new SlotCounts(0, 1, 2, 3, 4, 5, 6));
        assertThat(read.phase()).isEqualTo(Phase.CONNECT);
        assertThat(read.errorNumber()).isEqualTo(110);
    }

    @Test
    void aPlainRequestIsPlainAfterDeserialization() throws Exception {
        AcquireRequest read = readBack(failure(AcquireRequest.to(ENDPOINT))).request();
        assertThat(read).isSameAs(AcquireRequest.to(read.endpoint()));
    }

    private static AcquireException failure(AcquireRequest request) {
        Counts counts = new SlotCounts(0, 1, 2, 3, 4, 5, 6);
        return new AcquireException.TimedOut(
                new Details(request, Phase.CONNECT, 110, "timed out", Timings.ofPhases(5L), "busy", counts, null));
    }

    private static AcquireException readBack(AcquireException failure) throws IOException, ClassNotFoundException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(failure);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (AcquireException) in.readObject();
        }
    }
}
