package dev.keepalive.netty;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the system says about sockets. Linux only. */
final class Sockets {
    private Sockets() {}

    /** How many bytes a TCP socket with these ports has sent that its peer has not acknowledged, and so may not have. */
    static long unacknowledged(int localPort, int remotePort) throws IOException {
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] fields = line.trim().split("\\s+");
                if (fields[1].endsWith(":" + hex(localPort)) && fields[2].endsWith(":" + hex(remotePort))) {
                    return Long.parseLong(fields[4].substring(0, fields[4].indexOf(':')), 16);
                }
            }
        }
        throw new IOException("no socket from port " + localPort + " to port " + remotePort);
    }

    private static String hex(int port) {
        return String.format("%04X", port);
    }
}
