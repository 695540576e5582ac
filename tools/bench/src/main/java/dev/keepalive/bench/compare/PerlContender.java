package dev.keepalive.bench.compare;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** The Perl module {@code POE::Component::Client::Keepalive}, measured by a Perl script if the module is installed. */
final class PerlContender {
    /** Its name in the list of contenders. */
    static final String NAME = "ancestor";
    /** The setting without waiters. */
    static final String CYCLE = "B, nobody waits for A";
    /** The setting with many waiters: fewer than for the manager, because 100,000 would take minutes. */
    static final String CROWDED = "B, 10000 wait for A";

    private static final String SCRIPT = "ancestor.pl";

    private PerlContender() {}

    /** The command that runs the script; it reads the script from standard input. */
    static List<String> command() {
        return List.of("perl", "-");
    }

    /** The text of the script. */
    static byte[] script() throws IOException {
        try (InputStream in = PerlContender.class.getResourceAsStream(SCRIPT)) {
            if (in == null) {
                throw new IOException(SCRIPT + " is missing");
            }
            return in.readAllBytes();
        }
    }
}
