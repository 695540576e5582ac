package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireException;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

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
