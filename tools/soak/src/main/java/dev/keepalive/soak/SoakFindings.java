package dev.keepalive.soak;

import java.util.ArrayList;
import java.util.List;

/** What was found to be wrong; the first findings are kept as text. Safe from any thread. */
final class SoakFindings {
    private static final int KEPT = 20;

    private final List<String> kept = new ArrayList<>();
    private long all;

    /** Adds a finding. */
    synchronized void add(String finding) {
        all++;
        if (kept.size() < KEPT) {
            kept.add(finding);
        }
    }

    synchronized boolean isEmpty() {
        return all == 0;
    }

    /** The first findings, and the number of further ones. */
    synchronized List<String> list() {
        List<String> list = new ArrayList<>(kept);
        if (all > kept.size()) {
            list.add("and " + (all - kept.size()) + " more");
        }
        return list;
    }
}
