package dev.keepalive.netty;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.testkit.FakeConnection;
import dev.keepalive.testkit.FakeConnector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The program that {@link FaultsOfHostTest} runs with a small heap: the heap is full while the alarms of several
 * managers go off, and is free again afterwards. It throws if a manager does not tell a timeout then, unless that
 * manager has failed and says so.
 */
final class FullHeapProgram {
    private static final int MANAGERS = 8;
    private static final long FULL_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final int CHUNK = 64 * 1024;
    private static final Duration SHORT = Duration.ofMillis(200);

    private static volatile @Nullable Chunk chunks;

    private FullHeapProgram() {}

    /** A part of the heap that is kept full. */
    private record Chunk(byte[] bytes, @Nullable Chunk next) {}

    public static void main(String[] arguments) throws Exception {
        List<ConnectionManager<FakeConnection>> managers = new ArrayList<>();
        List<Lease<FakeConnection>> held = new ArrayList<>();
        for (int i = 0; i < MANAGERS; i++) {
            ConnectionManager<FakeConnection> manager = ConnectionManager.builder(FakeConnector.prompt())
                    .maxOpenPerEndpoint(1)
                    .idleTimeout(Duration.ofMillis(400))
                    .build();
            managers.add(manager);
            // A connection is in use, so that the alarm goes off again and again.
            held.add(manager.blocking().acquire(endpoint(i)));
        }
        timeOut(managers);
        fillHeap();
        timeOut(managers);
        System.out.println("OK");
    }

    private static Endpoint endpoint(int number) {
        return Endpoint.of("line", "host-" + number, 1);
    }

    /** Acquires what is in use from each manager, and waits until that has failed. */
    private static void timeOut(List<ConnectionManager<FakeConnection>> managers) throws Exception {
        List<CompletableFuture<Lease<FakeConnection>>> late = new ArrayList<>();
        for (int i = 0; i < MANAGERS; i++) {
            late.add(managers.get(i).acquire(AcquireRequest.to(endpoint(i)).withTimeout(SHORT)));
        }
        for (int i = 0; i < MANAGERS; i++) {
            awaitTimeout(late.get(i), i);
        }
    }

    private static void awaitTimeout(CompletableFuture<Lease<FakeConnection>> late, int number) throws Exception {
        try {
            late.get(20, TimeUnit.SECONDS);
            throw new AssertionError("manager " + number + " served an acquire");
        } catch (ExecutionException told) {
            if (told.getCause() instanceof AcquireException.TimedOut) {
                System.out.println("TOLD");
            } else {
                System.out.println("FAILED " + told.getCause());
            }
        }
    }

    private static void fillHeap() {
        long end = System.nanoTime() + FULL_NANOS;
        int size = CHUNK;
        LockSupport.parkNanos(1);
        while (System.nanoTime() - end < 0) {
            try {
                chunks = new Chunk(new byte[size], chunks);
            } catch (OutOfMemoryError full) {
                size = Math.max(1, size / 2);
                LockSupport.parkNanos(1_000_000);
            }
        }
        chunks = null;
    }
}
