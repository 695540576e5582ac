package dev.keepalive.internal;

/**
 * Tries whether a thread has enough stack left for an event, so that a {@link StackOverflowError} comes before the
 * event and not in the middle of it. A user's recursion without end then harms only that user.
 *
 * <p>Each frame of the probe keeps room for the arguments of {@link #fill}, which is called so seldom that it costs
 * little, and so often that the compiler has seen the call when it compiles the probe, and keeps that room. So a few
 * calls use as much stack as an event, and its effects, need.
 */
final class StackProbe {
    /**
     * How many calls deep the probe goes. Compiled, a call takes 254 bytes on JDK 25 and 984 on JDK 17. An event was
     * seen to overflow the stack behind a probe of 1.2 KB.
     */
    private static final int DEPTH = 24;

    /** One probe in so many fills its frames; a power of two. */
    private static final int FILLED_ONE_IN = 1 << 5;

    private StackProbe() {}

    /**
     * Tries the stack.
     *
     * @param seed a number whose low bits differ from call to call, for example a time in nanoseconds
     * @throws StackOverflowError if there is too little stack left
     */
    static void probe(long seed) {
        probe(DEPTH, (seed & (FILLED_ONE_IN - 1)) == 0);
    }

    private static int probe(int depth, boolean fill) {
        if (fill) {
            return probe(depth, false)
                    + fill(
                            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                            0, 0);
        }
        return depth == 0 ? 0 : probe(depth - 1, false) + 1;
    }

    /** Takes more arguments than there are registers. It is long enough not to be compiled into its caller. */
    private static int fill(
            int a1,
            int a2,
            int a3,
            int a4,
            int a5,
            int a6,
            int a7,
            int a8,
            int a9,
            int a10,
            int a11,
            int a12,
            int a13,
            int a14,
            int a15,
            int a16,
            int a17,
            int a18,
            int a19,
            int a20,
            int a21,
            int a22,
            int a23,
            int a24,
            int a25,
            int a26,
            int a27,
            int a28,
            int a29,
            int a30,
            int a31,
            int a32,
            int a33,
            int a34,
            int a35,
            int a36,
            int a37,
            int a38,
            int a39,
            int a40,
            int a41,
            int a42,
            int a43,
            int a44,
            int a45,
            int a46,
            int a47,
            int a48,
            int a49,
            int a50,
            int a51,
            int a52,
            int a53,
            int a54,
            int a55,
            int a56,
            int a57,
            int a58,
            int a59,
            int a60,
            int a61,
            int a62,
            int a63,
            int a64) {
        return a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11 + a12 + a13 + a14 + a15 + a16;
    }
}
