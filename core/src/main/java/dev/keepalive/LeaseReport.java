package dev.keepalive;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Who has a lease, since when, and where it was acquired, if that was recorded. */
record LeaseReport(AcquireRequest request, @Nullable AcquireSite site, long heldNanos) {
    Duration held() {
        return Duration.ofNanos(Math.max(0, heldNanos));
    }

    /** For example {@code http://host:80 (report) for 12.300 s, acquired at com.example.Job.run(Job.java:12)}. */
    @Override
    public String toString() {
        String seconds = Thousandths.seconds(held().toNanos());
        return request + " for " + seconds + (site == null ? "" : ", acquired at " + site);
    }
}
