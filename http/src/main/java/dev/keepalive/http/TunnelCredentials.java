package dev.keepalive.http;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names for the credentials that tunnels are asked for with: an endpoint has the name, which is a part of its identity
 * and appears in messages; the connector looks up what is sent. Keeps a bounded number, those that were used last. Safe
 * from any thread.
 */
final class TunnelCredentials {
    private static final int MOST_KEPT = 1_000;

    private final Map<String, String> names = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, String> values = new LinkedHashMap<>();
    private long made;

    /** The name of this value of the field Proxy-Authorization: the same value has the same name. */
    synchronized String name(String value) {
        String known = names.get(value);
        if (known != null) {
            return known;
        }
        if (names.size() >= MOST_KEPT) {
            String eldest = names.keySet().iterator().next();
            values.remove(names.remove(eldest));
        }
        String name = "keepalive-http-" + ++made;
        names.put(value, name);
        values.put(name, value);
        return name;
    }

    /** The value with this name; null if there is none. */
    synchronized @Nullable String value(String name) {
        return values.get(name);
    }
}
