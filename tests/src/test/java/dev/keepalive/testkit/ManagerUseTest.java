package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireException;
import dev.keepalive.KeepsConnection;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code use}: a connection is leased for one piece of work. */
class ManagerUseTest extends ManagerRig {
    @Test
    void useReleasesWhenTheWorkIsDone() {
        CompletableFuture<String> reply = new CompletableFuture<>();
        CompletableFuture<String> used = manager.use(A, lease -> reply);
        succeedDial();
        assertThat(manager.snapshot().all().leased()).isEqualTo(1);
        reply.complete("pong");
        assertThat(used.join()).isEqualTo("pong");
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
    }

    @Test
    void useInvalidatesWhenTheWorkFails() {
        CompletableFuture<String> reply = new CompletableFuture<>();
        CompletableFuture<String> used = manager.use(A, lease -> reply);
        FakeLink link = succeedDial();
        reply.completeExceptionally(new IOException("half a reply"));
        tasks.runAll();
        assertThat(used).isCompletedExceptionally();
        assertThat(link.isOpen()).isFalse();
    }

    /** An answer that says no. */
    private static final class Refused extends Exception implements KeepsConnection {}

    static Stream<Throwable> failuresAtABoundary() {
        return Stream.of(
                new Refused(),
                new CompletionException(new Refused()),
                new ExecutionException(new CompletionException(new Refused())));
    }

    @ParameterizedTest
    @MethodSource("failuresAtABoundary")
    void useFailsAndKeepsTheConnectionIfTheFailureSaysSo(Throwable atBoundary) {
        CompletableFuture<String> reply = new CompletableFuture<>();
        CompletableFuture<String> used = manager.use(A, lease -> reply);
        FakeLink link = succeedDial();
        reply.completeExceptionally(atBoundary);
        tasks.runAll();
        assertThat(failure(used)).isSameAs(atBoundary);
        assertThat(link.isOpen()).isTrue();
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
    }

    @Test
    void useFailsAndKeepsTheConnectionIfTheWorkThrowsSo() {
        CompletableFuture<String> used = manager.use(A, lease -> {
            throw new CompletionException(new Refused());
        });
        FakeLink link = succeedDial();
        assertThat(used).isCompletedExceptionally();
        tasks.runAll();
        assertThat(link.isOpen()).isTrue();
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
    }

    @Test
    void blockingUseThrowsAndKeepsTheConnectionIfTheExceptionSaysSo() {
        lease().release();
        assertThatThrownBy(() -> manager.blocking().use(A, lease -> {
                    throw new Refused();
                }))
                .isInstanceOf(Refused.class);
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
        assertThatThrownBy(() -> manager.blocking().use(A, lease -> {
                    throw new ExecutionException(new Refused());
                }))
                .isInstanceOf(ExecutionException.class);
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
        assertThatThrownBy(() -> manager.blocking().use(A, lease -> {
                    throw new ExecutionException(new IOException("half a reply"));
                }))
                .isInstanceOf(ExecutionException.class);
        tasks.runAll();
        assertThat(manager.snapshot().all().open()).isZero();
    }

    @Test
    void useInvalidatesWhenTheWorkThrowsOrReturnsNull() {
        CompletableFuture<String> thrown = manager.use(A, lease -> {
            throw new IllegalArgumentException("no");
        });
        FakeLink first = succeedDial();
        assertThat(thrown).isCompletedExceptionally();
        tasks.runAll();
        assertThat(first.isOpen()).isFalse();
        CompletableFuture<String> none = manager.use(A, lease -> null);
        succeedDial();
        assertThat(none).isCompletedExceptionally();
    }

    @Test
    void useDoesNotEndALeaseThatTheWorkHasEnded() {
        CompletableFuture<Boolean> used =
                manager.use(A, lease -> CompletableFuture.completedFuture(lease.invalidate()));
        FakeLink link = succeedDial();
        tasks.runAll();
        assertThat(used.join()).isTrue();
        assertThat(link.isOpen()).isFalse();
    }

    @Test
    void useFailsWithTheFailureOfTheAcquire() {
        CompletableFuture<String> used = manager.use(A, lease -> CompletableFuture.completedFuture("never"));
        tasks.runAll();
        connector.nextDial().refuse();
        tasks.runAll();
        assertThat(failure(used)).isInstanceOf(AcquireException.DialFailed.class);
    }

    @Test
    void cancellingAUseThatWaitsCancelsItsAcquire() {
        lease();
        CompletableFuture<String> used = manager.use(A, lease -> CompletableFuture.completedFuture("never"));
        used.cancel(true);
        assertThat(manager.snapshot().all().waiting()).isZero();
    }

    @Test
    void cancellingAUseAtWorkClosesItsConnection() {
        CompletableFuture<String> reply = new CompletableFuture<>();
        CompletableFuture<String> used = manager.use(A, lease -> reply);
        FakeLink link = succeedDial();
        used.cancel(true);
        tasks.runAll();
        assertThat(link.isOpen()).isFalse();
        assertThatThrownBy(reply::join).isInstanceOf(CancellationException.class);
    }

    @Test
    void cancellingTheOnlyStageOfAUseClosesItsConnection() {
        CompletableFuture<String> reply = new CompletableFuture<>();
        CompletableFuture<Integer> length = manager.use(A, lease -> reply).thenApply(String::length);
        FakeLink link = succeedDial();
        length.cancel(true);
        tasks.runAll();
        assertThat(link.isOpen()).isFalse();
    }
}
