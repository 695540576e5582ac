package dev.keepalive.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class SharedBudgetTest {
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final List<Integer> told = new ArrayList<>();

    private void runAll() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    @Test
    void aManagerThatThrowsDoesNotKeepTheOthersFromBeingTold() {
        SharedBudget budget = new SharedBudget(2, tasks::add);
        List<Throwable> uncaught = new ArrayList<>();
        RuntimeException broken = new IllegalStateException("broken");
        SharedBudget.Member one = budget.join(level -> {
            throw broken;
        });
        SharedBudget.Member other = budget.join(level -> {
            told.add(level);
            return 0;
        });
        one.request(() -> {});
        other.request(() -> {});

        Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> uncaught.add(thrown));
        try {
            other.request(() -> {});
            runAll();
            assertThat(told).as("in the first round").containsExactly(1);
            other.request(() -> {});
            runAll();
            assertThat(told).as("in the next round").containsExactly(1, 1);
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }
        assertThat(uncaught).containsExactly(broken, broken);
    }

    @Test
    void aPermitIsGrantedEvenIfNoThreadCanBeStarted() {
        SharedBudget budget = new SharedBudget(1, task -> {
            throw new RejectedExecutionException("no thread");
        });
        SharedBudget.Member member = budget.join(level -> {
            told.add(level);
            return 0;
        });
        List<String> granted = new ArrayList<>();
        member.request(() -> granted.add("first"));
        member.request(() -> granted.add("second"));
        assertThat(told).containsExactly(1);

        member.giveBack();
        assertThat(granted).containsExactly("first", "second");
        assertThat(budget.inUse()).isEqualTo(1);
        assertThat(budget.waiting()).isZero();
    }

    @Test
    void aRoundThatIsCutShortIsFollowedByAnother() {
        SharedBudget budget = new SharedBudget(1, tasks::add);
        SharedBudget.Member member = budget.join(level -> {
            told.add(level);
            throw new IllegalStateException("broken");
        });
        Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {
            throw new IllegalStateException("the handler");
        });
        try {
            member.request(() -> {});
            member.request(() -> {});
            runAll();
            member.request(() -> {});
            runAll();
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }
        assertThat(told).containsExactly(1, 1);
    }
}
