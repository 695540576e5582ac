package dev.keepalive.internal;

/**
 * Tries whether a thread has enough stack left for an event, so that a {@link StackOverflowError} comes before the
 * event and not in the middle of it. A user's recursion without end then harms only that user.
 */
final class StackProbe {
    /**
     * More stack than an event and its effects need, compiled or not: 3 KB compiled. With 25 frames, an event was seen
     * to overflow the stack.
     */
    private static final int FRAMES = 64;

    private StackProbe() {}

    /** @throws StackOverflowError if there is too little stack left */
    static void probe() {
        probe(FRAMES, 1, 2, 3, 4);
    }

    /** The parameters only make the compiled frames large enough. */
    private static long probe(int frames, long a, long b, long c, long d) {
        return frames == 0 ? a : probe(frames - 1, b, c, d, a) + a + b + c + d;
    }
}
