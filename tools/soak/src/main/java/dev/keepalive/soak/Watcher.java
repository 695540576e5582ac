package dev.keepalive.soak;

import dev.keepalive.ConnectionListener;

/** Hears what must never happen in a manager: nothing of the soak throws, so nothing may be reported to have thrown. */
final class Watcher implements ConnectionListener {
    private final Findings findings;

    Watcher(Findings findings) {
        this.findings = findings;
    }

    @Override
    public void userCodeThrew(String who, Throwable thrown) {
        findings.add(who + " threw " + thrown);
    }
}
