package dev.keepalive.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The connected TCP sockets of the system that still belong to a descriptor, from {@code /proc/net}. A socket whose
 * descriptor has been closed has no inode there, even if it still has something to send.
 */
final class SystemSockets {
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int STATE = 3;
    private static final int INODE = 9;
    private static final String CONNECTING = "02";

    private final Set<String> held;

    private SystemSockets(Set<String> held) {
        this.held = held;
    }

    /** Reads the tables. Sockets that are opened or closed meanwhile may be included or not. */
    static SystemSockets read() throws IOException {
        Set<String> held = new HashSet<>();
        for (String table : new String[] {"tcp", "tcp6"}) {
            Path file = Path.of("/proc/net", table);
            if (Files.exists(file)) {
                Files.readAllLines(file).stream().skip(1).forEach(line -> add(held, line));
            }
        }
        return new SystemSockets(held);
    }

    /** Whether a descriptor holds the client's end of a connection. */
    boolean isHeld(int clientPort, byte[] serverAddress, int serverPort) {
        StringBuilder address = new StringBuilder();
        for (int i = serverAddress.length - 1; i >= 0; i--) {
            address.append(String.format(Locale.ROOT, "%02X", serverAddress[i]));
        }
        return held.contains(hex(clientPort) + ">" + address + ":" + hex(serverPort));
    }

    private static void add(Set<String> held, String line) {
        String[] columns = line.trim().split("\\s+");
        if (columns.length > INODE && !columns[INODE].equals("0") && !columns[STATE].equals(CONNECTING)) {
            held.add(port(columns[LOCAL]) + ">" + version4(columns[REMOTE]));
        }
    }

    private static String port(String address) {
        return address.substring(address.indexOf(':') + 1);
    }

    /** The last four bytes of an address, and its port: so an IPv4 address is written the same way in both tables. */
    private static String version4(String address) {
        int colon = address.indexOf(':');
        return address.substring(Math.max(0, colon - 8));
    }

    private static String hex(int port) {
        return String.format(Locale.ROOT, "%04X", port);
    }
}
