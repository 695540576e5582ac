package dev.keepalive.http;

import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The header fields of one message, in their order. Names are compared without regard to case. Not thread-safe. */
final class HeaderFields {
    /** Name, value, name, value … */
    private final List<String> all = new ArrayList<>(16);

    void add(String name, String value) {
        all.add(name);
        all.add(value);
    }

    int size() {
        return all.size() / 2;
    }

    /** The first value of this name; null if there is none. */
    @Nullable
    String first(String name) {
        for (int i = 0; i < all.size(); i += 2) {
            if (all.get(i).equalsIgnoreCase(name)) {
                return all.get(i + 1);
            }
        }
        return null;
    }

    List<String> values(String name) {
        List<String> values = new ArrayList<>(1);
        forEach((each, value) -> {
            if (each.equalsIgnoreCase(name)) {
                values.add(value);
            }
        });
        return values;
    }

    boolean contains(String name) {
        return first(name) != null;
    }

    void forEach(BiConsumer<String, String> action) {
        for (int i = 0; i < all.size(); i += 2) {
            action.accept(all.get(i), all.get(i + 1));
        }
    }

    HttpHeaders toHttpHeaders() {
        Map<String, List<String>> byName = new LinkedHashMap<>();
        forEach((name, value) -> byName.computeIfAbsent(name.toLowerCase(Locale.ROOT), key -> new ArrayList<>(1))
                .add(value));
        return HttpHeaders.of(byName, (name, value) -> true);
    }
}
