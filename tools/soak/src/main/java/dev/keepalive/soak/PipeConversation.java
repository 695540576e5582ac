package dev.keepalive.soak;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The same lines on a connection that several leases share: requests arrive before the earlier ones are answered, and
 * are answered in order. Once the server has said a line too much, it says nothing more, since no client could tell
 * which line answers which request.
 */
final class PipeConversation extends LineConversation {
    private final Deque<Request> unanswered = new ArrayDeque<>();

    private record Request(long number, long holder) {}

    PipeConversation(ChaosConnection connection, ChaosServer server) {
        super(connection, server);
    }

    @Override
    void greet() throws IOException {
        super.greet();
        connection.mute();
    }

    @Override
    void arrived(long request, long holder) throws IOException {
        unanswered.add(new Request(request, holder));
        int leases = (int) unanswered.stream().map(Request::holder).distinct().count();
        server.pipelined().note(leases);
        if (leases > server.pipelined().limit()) {
            addFinding("has unanswered requests of " + leases + " leases at one moment, where "
                    + server.pipelined().limit() + " are allowed: " + unanswered);
        }
        if (unanswered.size() == 1) {
            answerNext();
        }
    }

    /** Answers until nothing is left, or until an answer takes its time. */
    private void answerNext() throws IOException {
        while (!unanswered.isEmpty() && !connection.isOver() && !connection.isMute()) {
            ChaosFault fault = faults.forExchange(EndpointKind.PIPE);
            if (fault == ChaosFault.SLOW || fault == ChaosFault.STALL) {
                connection.disturb(fault);
                if (fault == ChaosFault.SLOW) {
                    connection.later(faults.between(1, SLOW_MILLIS), this::answerAfterAll);
                }
                return;
            }
            answer(fault);
        }
    }

    private void answerAfterAll() throws IOException {
        answer(null);
        answerNext();
    }

    private void answer(@Nullable ChaosFault fault) throws IOException {
        ServerLine reply = nextReply(unanswered.remove().number());
        boolean saysTooMuch = fault == ChaosFault.UNASKED || fault == ChaosFault.HALF_LINE;
        if (fault == null || saysTooMuch && !unanswered.isEmpty()) {
            connection.send(ascii(reply.text()));
            return;
        }
        connection.disturb(fault);
        if (!breakOff(fault, ascii(reply.text()))) {
            connection.send(both(reply, fault == ChaosFault.UNASKED ? unasked() : HALF_A_LINE));
            connection.mute();
        }
    }
}
