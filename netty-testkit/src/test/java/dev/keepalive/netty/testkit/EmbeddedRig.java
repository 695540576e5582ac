package dev.keepalive.netty.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.netty.RequestException;
import dev.keepalive.netty.RequestResponse;
import dev.keepalive.netty.Requests;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;

/** A test of a protocol of lines against a peer by script. Ends with a check that nothing is left leased. */
abstract class EmbeddedRig {
    static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(2);
    static final RequestResponse<String, String> LINES = RequestResponse.<String, String>of(
                    String.class,
                    pipeline ->
                            pipeline.addLast(new LineBasedFrameDecoder(100), new StringDecoder(), new StringEncoder()))
            .withAnswerTimeout(ANSWER_TIMEOUT);

    final EmbeddedConnector<Requests<String, String>> lines = EmbeddedConnector.of(LINES);
    final ConnectionManager<Requests<String, String>> manager =
            lines.managerBuilder().maxOpenPerEndpoint(1).build();
    final Endpoint endpoint = Endpoint.parse("lines://server.example:7");

    @AfterEach
    void nothingIsLeft() {
        if (!manager.closed().toCompletableFuture().isDone()) {
            lines.leakCheck(manager)
                    .advanceIdleTime(() -> lines.time().advance(Duration.ofMinutes(1)))
                    .check();
        }
    }

    Lease<Requests<String, String>> acquire() {
        CompletableFuture<Lease<Requests<String, String>>> acquired = manager.acquire(endpoint);
        assertThat(acquired).isCompleted();
        return acquired.join();
    }

    String call(String request) throws Exception {
        return manager.blocking().use(endpoint, lease -> lease.connection().call(request));
    }

    ScriptedPeer peer(int number) {
        return lines.peers().get(number - 1);
    }

    static <T extends Throwable> T failure(CompletableFuture<?> failed, Class<T> type) {
        try {
            assertThat(failed).isDone();
            throw new AssertionError("answered: " + failed.join());
        } catch (CompletionException e) {
            return type.cast(e.getCause());
        }
    }

    static RequestException lost(CompletableFuture<?> request) {
        return failure(request, RequestException.class);
    }

    static void assertTimedOut(RequestException lost) {
        assertThat(lost).hasRootCauseInstanceOf(TimeoutException.class);
    }
}
