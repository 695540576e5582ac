package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;

/** Virtual threads that block in {@code send}: {@code http.virtual} of them. Needs Java 21 or later. */
class VirtualThreadsTest {
    private static final int THREADS = Integer.getInteger("http.virtual", 2_000);
    private static final int CONNECTIONS = 64;
    private static final String PINNED = "jdk.VirtualThreadPinned";

    @Test
    void virtualThreadsWaitWithoutAPinnedCarrier() throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "virtual threads need Java 21");
        Path file = Files.createTempFile("virtual", ".jfr");
        try (ScenarioServer server = ScenarioServer.clear();
                KeepaliveHttpClient client = KeepaliveHttpClient.newBuilder()
                        .maxOpenPerEndpoint(CONNECTIONS)
                        .build()) {
            HttpRequest request = HttpRequest.newBuilder(server.uri("/body/3")).build();
            // The first request loads classes, which pins.
            assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("abc");
            try (Recording recording = new Recording()) {
                recording.enable(PINNED).withThreshold(Duration.ZERO).withStackTrace();
                recording.start();
                assertThat(answers(client, request)).hasSize(THREADS).containsOnly("abc");
                recording.dump(file);
            }
            assertThat(client.connections().snapshot().totals().opened()).isLessThanOrEqualTo(CONNECTIONS);
            assertThat(RecordingFile.readAllEvents(file).stream()
                            .filter(event -> event.getEventType().getName().equals(PINNED))
                            .map(RecordedEvent::toString))
                    .isEmpty();
        } finally {
            Files.delete(file);
        }
    }

    private static List<String> answers(KeepaliveHttpClient client, HttpRequest request) throws Exception {
        ExecutorService executor = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        List<Future<String>> futures = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            futures.add(executor.submit(
                    () -> client.send(request, BodyHandlers.ofString()).body()));
        }
        List<String> answers = new ArrayList<>();
        for (Future<String> each : futures) {
            answers.add(each.get(2, TimeUnit.MINUTES));
        }
        executor.shutdown();
        return answers;
    }
}
