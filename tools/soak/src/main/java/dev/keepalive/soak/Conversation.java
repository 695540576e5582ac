package dev.keepalive.soak;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What the chaos server says on one connection, by the kind of its endpoint. Used only by the thread of the chaos
 * server.
 */
abstract class Conversation {
    final ChaosConnection connection;
    final ChaosServer server;
    final FaultChooser faults;

    Conversation(ChaosConnection connection, ChaosServer server) {
        this.connection = connection;
        this.server = server;
        this.faults = server.faultChooser();
    }

    static Conversation of(EndpointKind kind, ChaosConnection connection, ChaosServer server) {
        return switch (kind) {
            case LINE -> new LineConversation(connection, server);
            case PIPE -> new PipeConversation(connection, server);
            case MUX -> new StreamConversation(connection, server);
        };
    }

    /** The connection has just been accepted. */
    abstract void begin() throws IOException;

    /** The client has said this. */
    abstract void take(byte[] plain) throws IOException;

    /** There are no faults for a while. */
    void peace() throws IOException {}

    /** Ends the connection around an answer, as this fault says. @return false if the fault is another one */
    final boolean breakOff(ChaosFault fault, byte[] answer) throws IOException {
        switch (fault) {
            case RESET -> {
                if (faults.coin()) {
                    connection.send(answer);
                }
                connection.close(true);
            }
            case HALF_CLOSE -> connection.halfClose(answer);
            case CLOSE -> connection.close(answer);
            case CUT_ANSWER -> connection.cut(answer);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Closes at once or never says anything, if this is the fault of the new connection. @return false if not */
    final boolean endsAtOnce(@Nullable ChaosFault fault) throws IOException {
        if (fault == ChaosFault.CLOSE_AT_ONCE) {
            connection.disturb(fault);
            connection.close(faults.coin());
        } else if (fault == ChaosFault.MUTE) {
            connection.disturb(fault);
            connection.mute();
        } else {
            return false;
        }
        return true;
    }

    final void addFinding(String finding) {
        server.addFinding(connection + " " + finding);
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
