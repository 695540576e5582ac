package dev.keepalive.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionListener;
import dev.keepalive.Limits;
import dev.keepalive.machine.MachineConfig;
import dev.keepalive.machine.history.HistoryWriter;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HistoryStreamTest {
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @Test
    void anExecutorThatThrowsDoesNotEndTheRecording() {
        AtomicInteger refusals = new AtomicInteger(1);
        MachineConfig config = new MachineConfig(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, false, 1);
        HistoryWriter history = new HistoryWriter(new Limits(1, 1, 1, 1), config);
        int size = history.size();
        HistoryStream stream = new HistoryStream(
                history,
                written,
                task -> {
                    if (refusals.getAndDecrement() > 0) {
                        throw new OutOfMemoryError("full");
                    }
                    tasks.add(task);
                },
                new ListenerDispatcher("m", ConnectionListener.NONE, tasks::add));
        stream.take(true);
        stream.startWriting();
        assertThat(tasks).isEmpty();
        stream.startWriting();
        tasks.remove().run();
        assertThat(written.size()).isEqualTo(size);
    }
}
