package dev.keepalive;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The descriptors of this process. */
final class Descriptors {
    private Descriptors() {}

    /** How many it may have open. */
    static int limit() {
        try {
            if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
                return (int) Math.min(Integer.MAX_VALUE, unix.getMaxFileDescriptorCount());
            }
        } catch (NoClassDefFoundError absent) {
            // a runtime without the module jdk.management
        }
        throw new UnsupportedOperationException("this system does not tell how many descriptors a process may have");
    }
}
