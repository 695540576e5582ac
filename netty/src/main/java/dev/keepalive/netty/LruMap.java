package dev.keepalive.netty;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map that keeps a bounded number of entries: those that were used last. Not safe for use by several threads. */
final class LruMap<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1;
    private static final int INITIAL_ENTRIES = 16;
    private static final float LOAD_FACTOR = 0.75f;

    private final int maxEntries;

    LruMap(int maxEntries) {
        super(INITIAL_ENTRIES, LOAD_FACTOR, true);
        this.maxEntries = maxEntries;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > maxEntries;
    }
}
