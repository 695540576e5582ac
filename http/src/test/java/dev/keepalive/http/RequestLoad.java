package dev.keepalive.http;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Many requests, so many at a time: each has a number in the field X-Id, and every fourth is a POST. */
final class RequestLoad {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final HttpClient client;
    private final URI get;
    private final URI post;
    private final AtomicInteger done = new AtomicInteger();
    private final Map<Integer, Throwable> failedGets = new ConcurrentHashMap<>();
    private final Map<Integer, Throwable> failedPosts = new ConcurrentHashMap<>();
    private final Map<Integer, Integer> statuses = new ConcurrentHashMap<>();

    RequestLoad(HttpClient client, URI get, URI post) {
        this.client = client;
        this.get = get;
        this.post = post;
    }

    /** Called on any thread when so many requests are done. */
    interface Milestone {
        void reached(int done) throws Exception;
    }

    /** Returns when all requests have ended. */
    RequestLoad run(int requests, int atATime, Milestone milestone) throws Exception {
        Semaphore places = new Semaphore(atATime);
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            places.acquire();
            milestone.reached(done.get());
            all.add(send(i).whenComplete((any, thrown) -> places.release()));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get();
        return this;
    }

    private CompletableFuture<?> send(int id) {
        boolean isPost = id % 4 == 3;
        HttpRequest.Builder request = HttpRequest.newBuilder(isPost ? post : get)
                .header("X-Id", String.valueOf(id))
                .timeout(TIMEOUT);
        if (isPost) {
            request.POST(BodyPublishers.ofString("number " + id));
        }
        return client.sendAsync(request.build(), BodyHandlers.ofString())
                .handle((response, thrown) -> note(id, isPost, response, thrown));
    }

    private @Nullable Void note(
            int id, boolean isPost, @Nullable HttpResponse<String> response, @Nullable Throwable thrown) {
        if (response != null) {
            statuses.put(id, response.statusCode());
        } else if (thrown != null) {
            (isPost ? failedPosts : failedGets).put(id, thrown.getCause() == null ? thrown : thrown.getCause());
        }
        done.incrementAndGet();
        return null;
    }

    Map<Integer, Throwable> failedGets() {
        return failedGets;
    }

    Map<Integer, Throwable> failedPosts() {
        return failedPosts;
    }

    /** The status of each request that was answered. */
    Map<Integer, Integer> statuses() {
        return statuses;
    }

    /** How often each kind of failure came. */
    @Override
    public String toString() {
        Map<String, Integer> kinds = new TreeMap<>();
        failedGets.values().forEach(each -> kinds.merge("GET " + each, 1, Integer::sum));
        failedPosts.values().forEach(each -> kinds.merge("POST " + each, 1, Integer::sum));
        return statuses.size() + " answered, failed: " + kinds;
    }
}
