package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Replays recordings that were changed at random. Whatever is in a file, its replay ends: with the same effects, or
 * with one of the two errors that it documents. It takes no more memory than a file of that size needs.
 *
 * <p>{@code -DmutatedHistories=1000000} replays a million of them.
 */
class MutatedHistoryTest {
    private static final int FILES = Integer.getInteger("mutatedHistories", 5_000);
    private static final int MOST_CHANGES = 4;
    private static final int EVENTFUL_BYTES = 1_500;
    private static final long MOST_ALLOCATED = 64L << 20;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aReplayOfAnythingEndsWithADocumentedErrorOrNone() throws IOException {
        byte[] endpoints = stored("version-5-endpoints.history");
        byte[] events = Arrays.copyOf(stored("version-5.history"), EVENTFUL_BYTES);
        int refused = 0;
        int different = 0;
        for (int seed = 0; seed < FILES; seed++) {
            byte[] changed = mutated(seed % 2 == 0 ? endpoints : events, new Random(seed));
            long before = threads.getCurrentThreadAllocatedBytes();
            try {
                Replay replay = Replay.of(new ByteArrayInputStream(changed));
                (seed % 3 == 0 ? replay : replay.withoutChecks()).run();
            } catch (IOException notReadable) {
                refused++;
            } catch (IllegalStateException otherEffects) {
                different++;
            } catch (RuntimeException | Error undocumented) {
                throw new AssertionError("the file of seed " + seed, undocumented);
            }
            assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                    .as("bytes that the file of seed %s takes", seed)
                    .isLessThan(MOST_ALLOCATED);
        }
        assertThat(refused).as("files that are refused").isPositive();
        assertThat(different).as("files that have other effects").isPositive();
    }

    private static byte[] mutated(byte[] file, Random random) {
        byte[] changed = file.clone();
        for (int change = random.nextInt(MOST_CHANGES); change >= 0; change--) {
            changed = changedOnce(changed, random);
        }
        return changed;
    }

    private static byte[] changedOnce(byte[] file, Random random) {
        int at = random.nextInt(file.length);
        int length = 1 + random.nextInt(10);
        int end = Math.min(file.length, at + length);
        byte[] changed = file.clone();
        switch (random.nextInt(7)) {
            case 0 -> changed[at] = (byte) random.nextInt();
            case 1 -> changed[at] ^= (byte) (1 << random.nextInt(8));
            case 2 -> Arrays.fill(changed, at, end, (byte) 0xFF); // a number that is very large, or too long
            case 3 -> Arrays.fill(changed, at, end, (byte) 0);
            case 4 -> changed = spliced(file, at, new byte[0], end);
            case 5 ->
                changed = spliced(
                        file,
                        at,
                        random.ints(length)
                                .collect(
                                        () -> new java.io.ByteArrayOutputStream(),
                                        (out, next) -> out.write(next),
                                        (one, two) -> {})
                                .toByteArray(),
                        at);
            default -> changed = spliced(file, at, Arrays.copyOfRange(file, at, end), at);
        }
        return changed.length == 0 ? file : changed;
    }

    /** The file, with these bytes in place of those between the two indexes. */
    private static byte[] spliced(byte[] file, int from, byte[] insert, int to) {
        byte[] spliced = Arrays.copyOf(file, from + insert.length + file.length - to);
        System.arraycopy(insert, 0, spliced, from, insert.length);
        System.arraycopy(file, to, spliced, from + insert.length, file.length - to);
        return spliced;
    }

    private static byte[] stored(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(MutatedHistoryTest.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        }
    }
}
