package dev.keepalive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException.Details;
import dev.keepalive.machine.SlotCounts;
import dev.keepalive.spi.DialException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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

    /** A cause as libraries make them: it refers to an object that cannot be serialised. */
    private static final class CauseOfALibrary extends Exception {
        private static final long serialVersionUID = 1;

        @SuppressWarnings({"serial", "UnusedVariable"}) // on purpose
        private final Object state = new Object();

        CauseOfALibrary(String text, Throwable cause) {
            super(text, cause);
        }
    }

    static Stream<Function<Details, AcquireException>> failures() {
        return Stream.of(
                AcquireException.TimedOut::new,
                AcquireException.DialFailed::new,
                AcquireException.QueueFull::new,
                AcquireException.Closed::new,
                AcquireException.NotDelivered::new);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aCauseThatCannotBeSerializedIsWrittenAsItsText(Function<Details, AcquireException> made) throws Exception {
        CauseOfALibrary library = new CauseOfALibrary("no such name", new IOException("the socket"));
        DialException dial = new DialException(Phase.RESOLVE, -2, "Name or service not known", library);
        dial.addSuppressed(new CauseOfALibrary("suppressed", dial));
        AcquireException failure = made.apply(details(AcquireRequest.to(ENDPOINT), dial));

        AcquireException read = readBack(failure);

        assertThat(read).hasSameClassAs(failure).hasMessage(failure.getMessage());
        assertThat(read.getStackTrace()).isEqualTo(failure.getStackTrace());
        assertThat(read.getCause()).isInstanceOf(DialException.class).hasMessage("Name or service not known");
        assertThat(((DialException) read.getCause()).errorNumber()).isEqualTo(-2);
        assertThat(read.getCause().getCause())
                .isInstanceOf(IOException.class)
                .hasMessage(library.toString())
                .hasRootCauseMessage("the socket");
        assertThat(read.getCause().getCause().getStackTrace()).isEqualTo(library.getStackTrace());
        assertThat(read.getCause().getSuppressed()).singleElement().satisfies(suppressed -> assertThat(suppressed)
                .hasMessageEndingWith(": suppressed"));
    }

    @Test
    void aCauseThatCanBeSerializedKeepsItsClass() throws Exception {
        AcquireException failure = new AcquireException.NotDelivered(
                details(AcquireRequest.to(ENDPOINT), new RejectedExecutionException("full")));
        assertThat(readBack(failure))
                .cause()
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessage("full");
    }

    @Test
    void causesThatCannotBeSerializedAndFormACircleAreCutOff() throws Exception {
        CauseOfALibrary first = new CauseOfALibrary("first", null);
        CauseOfALibrary second = new CauseOfALibrary("second", first);
        first.addSuppressed(second);
        AcquireException read = readBack(new AcquireException.Closed(details(AcquireRequest.to(ENDPOINT), second)));
        assertThat(read).rootCause().hasMessage(first.toString());
    }

    private static Details details(AcquireRequest request, Throwable cause) {
        return new Details(request, Phase.RESOLVE, -2, "text", Timings.ofWait(5), "busy", null, cause);
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
