package dev.keepalive.netty;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The program that {@link StoppedProcessTest} runs. It leaves connections idle, has itself stopped for longer than
 * their idle timeout, and asks for them in the first moment after it was continued, from threads that have watched the
 * clock. It prints how many connections were handed out, and how many of them had been idle for too long.
 */
final class StoppedProcessProgram {
    private static final int ENDPOINTS = 32;

    private StoppedProcessProgram() {}

    /** The port of the server, the idle timeout and the stop, in milliseconds, and the number of threads. */
    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        Duration idleTimeout = Duration.ofMillis(Long.parseLong(arguments[1]));
        Duration stop = Duration.ofMillis(Long.parseLong(arguments[2]));
        int threads = Integer.parseInt(arguments[3]);
        ExecutorService callers = Executors.newFixedThreadPool(threads);
        try (var manager = ConnectionManager.builder(NettyConnector.create())
                .idleTimeout(idleTimeout)
                .build()) {
            CountDownLatch ready = new CountDownLatch(threads);
            List<Future<Integer>> outcomes = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                outcomes.add(callers.submit(caller(manager, port, thread, stop, ready)));
            }
            long pid = ProcessHandle.current().pid();
            String seconds = stop.toSeconds() + "." + String.format("%03d", stop.toMillisPart());
            ready.await();
            Process stopping = new ProcessBuilder(
                            "sh", "-c", "kill -STOP " + pid + "; sleep " + seconds + "; kill -CONT " + pid)
                    .start();
            int old = 0;
            for (Future<Integer> outcome : outcomes) {
                old += outcome.get(60 + stop.toSeconds(), TimeUnit.SECONDS);
            }
            stopping.waitFor();
            System.out.println("ASKED " + threads * ENDPOINTS + " OLD " + old);
        } finally {
            callers.shutdownNow();
        }
    }

    private static Callable<Integer> caller(
            ConnectionManager<NettyConnection> manager, int port, int thread, Duration stop, CountDownLatch ready) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < ENDPOINTS; i++) {
            endpoints.add(Endpoint.of("thread" + thread + "-" + i, "127.0.0.1", port));
        }
        return () -> {
            idle(manager, endpoints);
            ready.countDown();
            awaitStop(stop);
            int old = 0;
            for (Endpoint endpoint : endpoints) {
                Lease<NettyConnection> lease =
                        thread % 2 == 0 ? manager.tryAcquire(endpoint) : acquired(manager, endpoint);
                if (lease != null) {
                    old += lease.origin() == LeaseOrigin.NEW ? 0 : 1;
                    lease.invalidate();
                }
            }
            return old;
        };
    }

    private static Lease<NettyConnection> acquired(ConnectionManager<NettyConnection> manager, Endpoint endpoint)
            throws InterruptedException, ExecutionException {
        return manager.acquire(endpoint).get();
    }

    private static void idle(ConnectionManager<NettyConnection> manager, List<Endpoint> endpoints) throws Exception {
        for (Endpoint endpoint : endpoints) {
            manager.blocking().acquire(endpoint).release();
        }
    }

    /** Returns in the first moment after the process was continued, if this is the first thread to run. */
    private static void awaitStop(Duration stop) {
        long longest = stop.toNanos() / 4 * 3;
        long before;
        long now = System.nanoTime();
        do {
            before = now;
            now = System.nanoTime();
        } while (now - before < longest);
    }
}
