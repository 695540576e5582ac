package dev.keepalive.soak;

import dev.keepalive.ConnectionListener;

/**
 * Reports exceptions of user code as findings: nothing in the soak throws, so nothing may be reported to have thrown.
 */
final class ThrownErrorListener implements ConnectionListener {
    private final SoakFindings findings;

    ThrownErrorListener(SoakFindings findings) {
        this.findings = findings;
    }

    @Override
    public void userCodeThrew(String who, Throwable thrown) {
        findings.add(who + " threw " + thrown);
    }
}
