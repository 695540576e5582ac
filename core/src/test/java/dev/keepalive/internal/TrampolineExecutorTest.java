package dev.keepalive.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class TrampolineExecutorTest {
    private final List<String> ran = new ArrayList<>();

    @Test
    void aTaskThatThrowsInTheCallingThreadDoesNotLoseWhatItSubmitted() {
        Executor refusing = task -> {
            throw new RejectedExecutionException("full");
        };
        Executor executor = new TrampolineExecutor(refusing, refusing);
        Runnable task = () -> {
            executor.execute(() -> ran.add("first"));
            executor.execute(() -> ran.add("second"));
            throw new IllegalStateException("broken");
        };
        assertThatThrownBy(() -> executor.execute(task)).hasMessage("broken");
        assertThat(ran).containsExactly("first", "second");
        executor.execute(() -> ran.add("third"));
        assertThat(ran).containsExactly("first", "second", "third");
    }
}
