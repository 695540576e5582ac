package dev.keepalive.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionListener;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Of the leases of a shared connection, those that leaked are taken back, one by one, and no others. With the real
 * clock and the real garbage collector.
 */
class ManagerSharedLeakTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);

    private final FakeConnector connector = FakeConnector.prompt().sharing(3).expecting(3);
    private final List<String> leaked = new CopyOnWriteArrayList<>();
    private final List<Thread> resetters = new CopyOnWriteArrayList<>();
    private final ExecutorService callbacks = Executors.newFixedThreadPool(2, task -> {
        Thread thread = new Thread(task, "callbacks");
        thread.setDaemon(true);
        return thread;
    });
    private final ConnectionManager<FakeConnection> manager = ConnectionManager.builder(
                    new LinkWrappingConnector(connector, link -> new ForwardingLink(link) {
                        @Override
                        public void reset(long number) {
                            resetters.add(Thread.currentThread());
                            super.reset(number);
                        }
                    }))
            .maxOpenPerEndpoint(1)
            .callbackExecutor(callbacks)
            .listener(new ConnectionListener() {
                @Override
                public void leaseLeaked(AcquireRequest request, Duration held, @Nullable Throwable acquiredAt) {
                    leaked.add(String.valueOf(request.label()));
                }
            })
            .build();

    @AfterEach
    void noPermitIsLostOrInvented() {
        await().until(() -> {
            connector.links().forEach(FakeLink::peerResets);
            return manager.snapshot().endpoints().isEmpty();
        });
        LeakCheck.of(manager, connector).limits(128, 1).used(List.of(A)).check();
        manager.close();
        callbacks.shutdown();
    }

    private Lease<FakeConnection> lease(String label) throws Exception {
        return manager.acquire(AcquireRequest.to(A).withLabel(label)).get(30, SECONDS);
    }

    private void leak(String label) throws Exception {
        FakeLink link = lease(label).connection().link();
        assertThat(link.isOpen()).isTrue();
    }

    private static void collectUntil(BooleanSupplier done) {
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            System.gc();
            return done.getAsBoolean();
        });
    }

    @Test
    void leakedLeasesAreTakenBackWhileTheOthersGoOn() throws Exception {
        leak("first");
        FakeConnection used = lease("held").connection();
        leak("last");
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        collectUntil(() -> waiting.isDone() && second.isDone());
        assertThat(waiting.join().connection().link())
                .as("the connection goes on")
                .isSameAs(used.link());
        assertThat(used.lease().isEnded()).isFalse();
        await().until(() -> leaked.size() == 2);
        assertThat(leaked).containsExactlyInAnyOrder("first", "last");
        assertThat(manager.snapshot().totals().leaked()).isEqualTo(2);
        assertThat(used.link().resets()).containsExactlyInAnyOrder(1L, 3L);
        assertThat(resetters).as("not the alarm's thread").allMatch(each -> each.getName()
                .equals("callbacks"));
        used.lease().release();
    }

    @Test
    void aLeaseThatWasEndedIsNotTakenBack() throws Exception {
        Lease<FakeConnection> held = lease("held");
        lease("released").release();
        lease("invalidated").invalidate();
        leak("leaked");
        collectUntil(() -> leaked.size() == 1);
        assertThat(leaked).containsExactly("leaked");
        assertThat(manager.snapshot().all().leases()).isEqualTo(1);
        held.release();
    }
}
