package dev.keepalive.soak;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Request lines and answer lines, on a connection that one lease has at a time: {@code <number>}, or {@code <number>
 * <holder>}.
 */
class LineConversation extends Conversation {
    private static final int LATE_MILLIS = 20;
    private static final int SPEAK_MILLIS = 200;
    static final int SLOW_MILLIS = 20;
    static final byte[] HALF_A_LINE = {'0', ' '};

    private static final Pattern REQUEST = Pattern.compile("([1-9][0-9]*)(?: ([1-9][0-9]*))?");

    private final StringBuilder line = new StringBuilder();

    /** Half a line was sent behind an answer, so the connection must not be used again. */
    private boolean sentHalfLine;

    private long sequence;
    /** The request without an answer, or 0. */
    private long unanswered;

    private int requests;
    /** Whole lines that were sent, be they answers or not: a client may take each for an answer. */
    private int lines;

    LineConversation(ChaosConnection connection, ChaosServer server) {
        super(connection, server);
    }

    @Override
    void begin() throws IOException {
        ChaosFault fault = faults.forConnection();
        if (!endsAtOnce(fault) && fault == ChaosFault.GREET && !connection.hasTls()) {
            connection.disturb(fault);
            greet();
        }
    }

    void greet() throws IOException {
        sendLine(unasked());
    }

    private void sendLine(byte[] sent) throws IOException {
        lines++;
        connection.send(sent);
    }

    @Override
    void take(byte[] plain) throws IOException {
        String text = new String(plain, StandardCharsets.US_ASCII);
        for (int i = 0; i < text.length() && !connection.isOver() && !connection.isMute(); i++) {
            if (text.charAt(i) == '\n') {
                parse(line.toString());
                line.setLength(0);
            } else {
                line.append(text.charAt(i));
            }
        }
    }

    private void parse(String text) throws IOException {
        Matcher parts = REQUEST.matcher(text);
        if (!parts.matches()) {
            addFinding("brought '" + text + "', which no client sends");
            return;
        }
        long request = Long.parseLong(parts.group(1));
        server.requestArrived(request, connection);
        arrived(request, parts.group(2) == null ? request : Long.parseLong(parts.group(2)));
    }

    /** A request has arrived from this holder of a lease. */
    void arrived(long request, long holder) throws IOException {
        if (lines < requests++) {
            addFinding("was leased again while request " + unanswered + " had no answer; it now brought request "
                    + request);
        }
        if (sentHalfLine) {
            addFinding("was leased again with half a line in it, to request " + request);
        }
        unanswered = request;
        ServerLine reply = nextReply(request);
        ChaosFault fault = faults.forExchange(EndpointKind.LINE);
        if (fault == null) {
            reply(reply);
        } else {
            connection.disturb(fault);
            answer(reply, fault);
        }
    }

    private void answer(ServerLine reply, ChaosFault fault) throws IOException {
        if (breakOff(fault, ascii(reply.text()))) {
            return;
        }
        switch (fault) {
            case SLOW -> connection.later(faults.between(1, SLOW_MILLIS), () -> reply(reply));
            case DUPLICATE -> {
                lines++;
                followedBy(reply, ascii(of(reply, ServerLine.Kind.DUPLICATE).text()));
            }
            case HALF_LINE -> {
                sentHalfLine = true;
                followedBy(reply, HALF_A_LINE);
            }
            case LATE_DUPLICATE -> {
                reply(reply);
                byte[] again = ascii(of(reply, ServerLine.Kind.LATE).text());
                connection.later(faults.between(0, LATE_MILLIS), () -> sendLine(again));
            }
            case UNASKED -> {
                reply(reply);
                connection.later(faults.between(0, SPEAK_MILLIS), () -> sendLine(unasked()));
            }
            default -> {} // never answered
        }
    }

    private void reply(ServerLine reply) throws IOException {
        followedBy(reply, new byte[0]);
    }

    /** Sends the answer and more bytes in the same write, so a reset after the release cannot miss them. */
    private void followedBy(ServerLine reply, byte[] more) throws IOException {
        unanswered = 0;
        sendLine(both(reply, more));
    }

    static byte[] both(ServerLine reply, byte[] more) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(ascii(reply.text()));
        both.writeBytes(more);
        return both.toByteArray();
    }

    final ServerLine nextReply(long request) {
        sequence++;
        return new ServerLine(request, connection.number(), sequence, ServerLine.Kind.REPLY);
    }

    /** A line that answers nothing. */
    final byte[] unasked() {
        return ascii(new ServerLine(0, connection.number(), sequence, ServerLine.Kind.UNASKED).text());
    }

    private static ServerLine of(ServerLine reply, ServerLine.Kind kind) {
        return new ServerLine(reply.request(), reply.connection(), reply.sequence(), kind);
    }
}
