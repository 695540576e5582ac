package dev.keepalive.soak;

import java.util.ArrayList;
import java.util.List;

/** What was found to be wrong, the first of it in words. Safe from any thread. */
final class Findings {
    private static final int KEPT = 20;

    private final List<String> kept = new ArrayList<>();
    private long all;

    /** Something that must never be has been seen. */
    synchronized void add(String finding) {
        all++;
        if (kept.size() < KEPT) {
            kept.add(finding);
        }
    }

    synchronized boolean isEmpty() {
        return all == 0;
    }

    /** The first findings, and how many more there are. */
    synchronized List<String> list() {
        List<String> list = new ArrayList<>(kept);
        if (all > kept.size()) {
            list.add("and " + (all - kept.size()) + " more");
        }
        return list;
    }
}
