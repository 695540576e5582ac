package dev.keepalive.bench.httpclient;

import dev.keepalive.bench.loopback.ServerProcess;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Many requests at once to an HTTP client that has no connection yet. */
final class ColdStart {
    static final int REQUESTS = 1_000;
    private static final int GRACE_SECONDS = 60;
    private static final double MILLI = 1e6;
    private static final double TAIL = 0.99;

    private final ServerProcess server;
    private final HttpTarget target;
    private final String contender;

    ColdStart(ServerProcess server, HttpTarget target, String contender) {
        this.server = server;
        this.target = target;
        this.contender = contender;
    }

    /**
     * What one round has shown.
     *
     * @param tailMillis after how many milliseconds 99 in 100 of the requests were over
     * @param connections how many connections the server has accepted
     * @param failed how many of the requests failed
     */
    record Outcome(double tailMillis, int connections, int failed) {}

    /** Runs one round with a new HTTP client. */
    Outcome run() throws IOException, InterruptedException {
        accepted();
        long[] nanos = new long[REQUESTS];
        AtomicInteger failed = new AtomicInteger();
        CountDownLatch left = new CountDownLatch(REQUESTS);
        int connections;
        try (HttpContender client = HttpContenders.make(contender, target)) {
            RequestSender sender = client.newSender();
            long began = System.nanoTime();
            for (int i = 0; i < REQUESTS; i++) {
                int number = i;
                sender.send(new AnswerListener() {
                    @Override
                    public void answered(int status, int bytes) {
                        nanos[number] = System.nanoTime() - began;
                        left.countDown();
                    }

                    @Override
                    public void failed(Throwable cause) {
                        failed.incrementAndGet();
                        answered(0, 0);
                    }
                });
            }
            if (!left.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("hung: " + left.getCount() + " of " + REQUESTS + " have no answer");
            }
            connections = accepted();
        }
        Arrays.sort(nanos);
        return new Outcome(nanos[(int) (REQUESTS * TAIL) - 1] / MILLI, connections, failed.get());
    }

    private int accepted() throws IOException {
        server.send("report");
        return Integer.parseInt(server.line());
    }
}
