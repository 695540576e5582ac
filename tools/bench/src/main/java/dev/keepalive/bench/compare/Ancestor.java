package dev.keepalive.bench.compare;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** The Perl module {@code POE::Component::Client::Keepalive}, which the manager descends from: measured by a script, if it is installed. */
final class Ancestor {
    /** Its name among the contenders. */
    static final String NAME = "ancestor";
    /** The setting of its plain cycle. */
    static final String CYCLE = "B, nobody waits for A";
    /** The setting with a crowd; smaller than ours, since it would take minutes. */
    static final String CROWDED = "B, 10000 wait for A";

    private static final String SCRIPT = "ancestor.pl";

    private Ancestor() {}

    /** The command that runs the script, which it reads from its standard input. */
    static List<String> command() {
        return List.of("perl", "-");
    }

    /** The script. */
    static byte[] script() throws IOException {
        try (InputStream in = Ancestor.class.getResourceAsStream(SCRIPT)) {
            if (in == null) {
                throw new IOException(SCRIPT + " is missing");
            }
            return in.readAllBytes();
        }
    }
}
