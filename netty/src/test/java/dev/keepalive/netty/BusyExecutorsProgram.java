package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * The program that {@link StartTlsTest} runs. All threads of the common pool, and the one that all users of Netty
 * share, are busy; a connection is opened, begins TLS with the JDK's settings, and its connector is closed.
 */
final class BusyExecutorsProgram {
    private BusyExecutorsProgram() {}

    public static void main(String[] args) throws Exception {
        int threads = ForkJoinPool.getCommonPoolParallelism();
        CountDownLatch busy = new CountDownLatch(threads + 1);
        CountDownLatch never = new CountDownLatch(1);
        Runnable block = () -> {
            busy.countDown();
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        for (int i = 0; i < threads; i++) {
            ForkJoinPool.commonPool().execute(block);
        }
        GlobalEventExecutor.INSTANCE.execute(block);
        busy.await();
        try {
            beginTlsAndClose();
        } catch (Throwable failed) {
            failed.printStackTrace();
            // The busy threads would keep the program running.
            System.exit(1);
        }
        System.exit(0);
    }

    private static void beginTlsAndClose() throws Exception {
        ConnectorRig rig = ConnectorRig.withDefaults();
        ScriptedServer server = ScriptedServer.start();
        RecordingEvents events = rig.dial(server);
        FakeLease lease = new FakeLease(events.link(), events);
        ScriptedServer.Peer peer = server.accept();
        Thread handshake = new Thread(() -> {
            try {
                peer.startTls(Certificates.good());
            } catch (Exception expected) {
                // The client does not trust this certificate.
            }
        });
        handshake.setDaemon(true);
        handshake.start();
        Endpoint secure = Endpoint.of("test", "127.0.0.1", server.port()).withTls(Certificates.NAME);
        try {
            lease.connection().startTls(secure).toCompletableFuture().get(20, TimeUnit.SECONDS);
            throw new AssertionError("an unknown authority is trusted");
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof SSLException refused)
                    || !refused.getMessage().contains("certification path")) {
                throw e;
            }
        }
        rig.close();
    }
}
