package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import java.util.Map;

/** The {@link AnswerHabit} of each endpoint, for the endpoints that were dialed last. Safe from any thread. */
final class AnswerHabits {
    private static final int MAX_ENDPOINTS = 4096;

    private final Map<Endpoint, AnswerHabit> habits = new LruMap<>(MAX_ENDPOINTS);

    synchronized AnswerHabit of(Endpoint endpoint) {
        return habits.computeIfAbsent(endpoint, first -> new AnswerHabit());
    }
}
