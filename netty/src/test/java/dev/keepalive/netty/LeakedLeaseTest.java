package dev.keepalive.netty;

import static dev.keepalive.netty.PoeRig.at;
import static dev.keepalive.netty.PoeRig.failed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which leases are reclaimed when they became garbage, and which are not, on real sockets. */
class LeakedLeaseTest {
    private final PoeRig rig = new PoeRig();
    private final ScriptedServer server = rig.server();
    private final Endpoint endpoint = at(server);
    private final ConnectionManager<NettyConnection> manager = rig.manager(options -> options.maxOpenPerEndpoint(1));
    private final List<String> input = new CopyOnWriteArrayList<>();

    @AfterEach
    void nothingStaysOpen() throws Exception {
        rig.close();
    }

    @Test
    void aConnectionInUseIsNotReclaimedAlthoughItsLeaseWasDropped() throws Exception {
        startAndDropTheLease();
        ScriptedServer.Peer peer = server.accept();
        AcquireRequest request = AcquireRequest.to(endpoint).withTimeout(Duration.ofSeconds(3));
        CompletableFuture<Lease<NettyConnection>> waiting = manager.acquire(request);
        collectGarbageUntilDone(waiting);
        assertThat(failed(waiting)).isInstanceOf(AcquireException.TimedOut.class);
        peer.send("still there\n");
        await().until(() -> input.contains("still there"));
        assertThat(manager.snapshot().totals().leaked()).isZero();
    }

    @Test
    void aLeakedLeaseIsReclaimedAndTheWaiterIsServed() throws Exception {
        acquireAndDropTheLease();
        CompletableFuture<Lease<NettyConnection>> waiting = manager.acquire(endpoint);
        collectGarbageUntilDone(waiting);
        assertThat(waiting.join().origin())
                .as("not reused, since its state is unknown")
                .isEqualTo(LeaseOrigin.NEW);
        assertThat(server.accept().readAll()).as("closed").isEmpty();
        assertThat(manager.snapshot().totals().leaked()).isEqualTo(1);
    }

    private void startAndDropTheLease() {
        manager.acquire(endpoint).thenAccept(lease -> lease.connection().start(new FrameListener<String>() {
            @Override
            public void input(String line) {
                input.add(line);
            }

            @Override
            public void ended(@Nullable Throwable error) {
                input.add("ended");
            }
        }));
    }

    private void acquireAndDropTheLease() {
        CompletableFuture<Lease<NettyConnection>> acquired = manager.acquire(endpoint);
        await().until(acquired::isDone);
        acquired.join().connection();
    }

    private static void collectGarbageUntilDone(CompletableFuture<?> future) {
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            byte[][] pressure = new byte[16][];
            for (int i = 0; i < pressure.length; i++) {
                pressure[i] = new byte[1 << 20];
            }
            System.gc();
            return future.isDone() && pressure.length > 0;
        });
    }
}
