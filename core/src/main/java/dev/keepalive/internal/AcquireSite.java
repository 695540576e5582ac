package dev.keepalive.internal;

import dev.keepalive.ConnectionManager;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The place where an acquire was made, as a stack that reports can print. */
final class AcquireSite extends Throwable {
    private static final long serialVersionUID = 1;
    private static final Set<String> OWN_PACKAGES =
            Set.of(AcquireSite.class.getPackageName(), ConnectionManager.class.getPackageName());

    private AcquireSite() {
        super("acquired here");
    }

    /** The caller's place for one in so many calls, at random; else null. For 0 always null. */
    static @Nullable AcquireSite sampled(int oneIn) {
        boolean taken = oneIn == 1 || oneIn > 1 && ThreadLocalRandom.current().nextInt(oneIn) == 0;
        return taken ? new AcquireSite() : null;
    }

    /** The innermost place outside the API and the shell, for example {@code com.example.Job.run(Job.java:12)}. */
    @Override
    public String toString() {
        for (StackTraceElement frame : getStackTrace()) {
            if (!OWN_PACKAGES.contains(packageOf(frame.getClassName()))) {
                return frame.toString();
            }
        }
        return "an unknown place";
    }

    private static String packageOf(String className) {
        return className.substring(0, Math.max(0, className.lastIndexOf('.')));
    }
}
