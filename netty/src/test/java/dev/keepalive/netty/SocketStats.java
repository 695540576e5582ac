package dev.keepalive.netty;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What the operating system reports about sockets. Linux only. */
final class SocketStats {
    private SocketStats() {}

    /** How many bytes a TCP socket with these ports has sent that the host of its peer has not acknowledged. */
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

    /** A state of a TCP connection, with its number in the tables of the system. */
    enum State {
        SYN_SENT("02"),
        TIME_WAIT("06"),
        CLOSE_WAIT("08");

        private final String number;

        State(String number) {
            this.number = number;
        }
    }

    /** How many connections to this remote port are in this state on this side. */
    static long connectionsTo(int remotePort, State state) throws IOException {
        long count = 0;
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] fields = line.trim().split("\\s+");
                if (fields[2].endsWith(":" + hex(remotePort)) && fields[3].equals(state.number)) {
                    count++;
                }
            }
        }
        return count;
    }

    /** How many sockets this process has open. */
    static long open() {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(SocketStats::isSocket).count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException e) {
            return false;
        }
    }

    private static String hex(int port) {
        return String.format("%04X", port);
    }
}
