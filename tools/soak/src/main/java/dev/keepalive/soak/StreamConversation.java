package dev.keepalive.soak;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Frames on a connection that several leases share, a stream for each. The server says how many it takes, changes that
 * at random, also to none for a moment, and answers in any order. It resets and refuses streams, and goes away.
 */
final class StreamConversation extends Conversation {
    private static final int SLOW_MILLIS = 20;
    private static final int LATE_MILLIS = 600;
    private static final int SETTINGS_MILLIS = 150;
    private static final int NO_ROOM_MILLIS = 60;
    private static final int LEAVING_MILLIS = 500;

    private final int most;
    private final LeaseCensus census = new LeaseCensus();
    private final Map<Integer, Stream> streams = new HashMap<>();
    /** Streams that the server has refused or reset. */
    private final BitSet lost = new BitSet();

    private byte[] unread = new byte[0];
    private long sequence;
    private int highestProcessed;
    /** No stream above this one is processed. */
    private int last = Integer.MAX_VALUE;

    StreamConversation(ChaosConnection connection, ChaosServer server) {
        super(connection, server);
        this.most = faults.isPeaceful()
                ? EndpointKind.MUX.leasesInPeace()
                : faults.between(1, EndpointKind.MUX.mostLeases());
    }

    /** One stream that the server has not ended. */
    private static final class Stream {
        private final long holder;
        private long unanswered;

        Stream(long holder) {
            this.holder = holder;
        }
    }

    // ---- how many streams it takes

    @Override
    void begin() throws IOException {
        ChaosFault fault = faults.forConnection();
        if (endsAtOnce(fault)) {
            return;
        }
        if (fault == ChaosFault.GREET) {
            connection.disturb(ChaosFault.GO_AWAY);
            connection.greet(() -> goAway(0));
        } else {
            connection.greet(() -> {
                announce(faults.isPeaceful() ? most : faults.between(0, most));
                connection.later(millisToNextSettings(), this::changeSettings);
            });
        }
    }

    private int millisToNextSettings() {
        return faults.between(1, census.latest() == 0 ? NO_ROOM_MILLIS : SETTINGS_MILLIS);
    }

    private void changeSettings() throws IOException {
        ChaosFault fault = faults.forSettings();
        if (census.latest() == 0) {
            announce(faults.between(1, most));
        } else if (fault != null) {
            faults.count(fault);
            announce(fault == ChaosFault.NO_ROOM ? 0 : faults.between(1, most));
        }
        connection.later(millisToNextSettings(), this::changeSettings);
    }

    @Override
    void peace() throws IOException {
        if (census.latest() >= 0) {
            announce(EndpointKind.MUX.leasesInPeace());
        }
    }

    private void announce(int leases) throws IOException {
        census.announced(leases);
        send(new StreamFrame(0, StreamFrame.Kind.SETTINGS, String.valueOf(leases)));
    }

    // ---- frames

    @Override
    void take(byte[] plain) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(unread);
        all.writeBytes(plain);
        ByteBuffer arrived = ByteBuffer.wrap(all.toByteArray());
        try {
            for (StreamFrame frame = StreamFrame.read(arrived);
                    frame != null && !connection.isOver() && !connection.isMute();
                    frame = StreamFrame.read(arrived)) {
                take(frame);
            }
        } catch (IllegalArgumentException noFrame) {
            addFinding("brought what no client sends: " + noFrame);
        }
        unread = new byte[arrived.remaining()];
        arrived.get(unread);
    }

    private void take(StreamFrame frame) throws IOException {
        switch (frame.kind()) {
            case ACK -> {
                if (!census.obeyed(Long.parseLong(frame.text()))) {
                    addFinding("obeyed settings that were never announced");
                }
            }
            case REQUEST -> {
                String[] parts = frame.text().split(" ", -1);
                if (parts.length != 3) {
                    throw new IllegalArgumentException(frame.toString());
                }
                long request = Long.parseLong(parts[0]);
                request(frame.stream(), request, Long.parseLong(parts[1]), Long.parseLong(parts[2]));
            }
            case END -> end(frame.stream());
            case CANCEL -> cancel(frame.stream());
            default -> throw new IllegalArgumentException(frame.toString());
        }
    }

    private void end(int id) {
        Stream stream = streams.remove(id);
        if (stream != null && stream.unanswered != 0) {
            addFinding("ended stream " + id + " without the answer to request " + stream.unanswered);
        }
        census.ended(id);
    }

    private void cancel(int id) throws IOException {
        streams.remove(id);
        ChaosFault fault = faults.forCancel();
        if (fault != null) {
            faults.count(fault);
        }
        if (fault == null) {
            confirm(id);
        } else if (fault == ChaosFault.LATE) {
            connection.later(faults.between(1, LATE_MILLIS), () -> confirm(id));
        }
    }

    private void confirm(int id) throws IOException {
        census.ended(id);
        send(new StreamFrame(id, StreamFrame.Kind.CANCELLED));
    }

    // ---- requests

    private void request(int id, long request, long holder, long since) throws IOException {
        if (census.hasEnded(id)) {
            addFinding("brought request " + request + " of lease " + id + ", which had ended");
        }
        Stream stream = streams.get(id);
        boolean isNew = stream == null && !lost.get(id);
        if (isNew) {
            count(id, since);
        }
        if (id > last || lost.get(id)) {
            return; // as the client has been told
        }
        if (stream == null) {
            if (streams.size() >= census.allowed()) {
                refuse(id); // it was granted before there were fewer places
                return;
            }
            stream = open(id, holder);
        }
        check(stream, id, request, holder);
        ChaosFault fault = faults.forExchange(EndpointKind.MUX);
        if (fault == ChaosFault.REFUSE_STREAM && isNew) {
            faults.count(fault);
            refuse(id);
        } else if (fault == ChaosFault.GO_AWAY && id > highestProcessed) {
            faults.count(fault);
            goAway(highestProcessed);
        } else {
            process(stream, id, request, fault == ChaosFault.REFUSE_STREAM ? null : fault);
        }
    }

    private void count(int id, long since) {
        int leases = census.countAt(id);
        server.streams().note(leases);
        int allowed = census.allowed(since);
        if (leases > allowed) {
            addFinding("has " + leases + " leases at one moment, where " + allowed + " are allowed, at lease " + id
                    + " since " + since + ": " + census);
        }
    }

    private Stream open(int id, long holder) {
        streams.forEach((other, stream) -> {
            if (stream.holder == holder) {
                addFinding("has streams " + other + " and " + id + " of one lease");
            }
        });
        Stream opened = new Stream(holder);
        streams.put(id, opened);
        return opened;
    }

    private void check(Stream stream, int id, long request, long holder) {
        if (stream.holder != holder) {
            addFinding("stream " + id + " has requests of two leases, the last one is " + request);
        }
        if (stream.unanswered != 0) {
            addFinding("stream " + id + " has request " + request + " before the answer to " + stream.unanswered);
        }
    }

    private void process(Stream stream, int id, long request, @Nullable ChaosFault fault) throws IOException {
        highestProcessed = Math.max(highestProcessed, id);
        server.requestArrived(request, connection);
        stream.unanswered = request;
        if (fault == null) {
            answer(stream, id, request);
            return;
        }
        switch (fault) {
            case SLOW -> answerLater(SLOW_MILLIS, stream, id, request);
            case LATE -> answerLater(LATE_MILLIS, stream, id, request);
            case STALL -> {}
            case GO_AWAY -> {
                answerLater(SLOW_MILLIS, stream, id, request);
                goAway(faults.coin() ? Integer.MAX_VALUE : highestProcessed);
            }
            case RESET_STREAM -> {
                connection.disturb(fault);
                lose(id);
                send(new StreamFrame(id, StreamFrame.Kind.RESET));
                return;
            }
            default -> {
                connection.disturb(fault);
                breakOff(fault, answerTo(id, request).bytes());
                return;
            }
        }
        faults.count(fault);
    }

    private void answerLater(int millis, Stream stream, int id, long request) {
        connection.later(faults.between(1, millis), () -> answer(stream, id, request));
    }

    private void answer(Stream stream, int id, long request) throws IOException {
        if (streams.get(id) == stream && stream.unanswered == request) {
            stream.unanswered = 0;
            send(answerTo(id, request));
        }
    }

    private StreamFrame answerTo(int id, long request) {
        ServerLine line = new ServerLine(request, connection.number(), ++sequence, ServerLine.Kind.REPLY);
        return new StreamFrame(id, StreamFrame.Kind.ANSWER, line.text().strip());
    }

    // ---- the end of streams

    private void refuse(int id) throws IOException {
        lose(id);
        send(new StreamFrame(id, StreamFrame.Kind.REFUSED));
    }

    private void lose(int id) {
        lost.set(id);
        streams.remove(id);
    }

    /** Nothing above this stream is processed. After a while the server may close, with streams open. */
    private void goAway(int lastStream) throws IOException {
        last = Math.min(last, lastStream);
        streams.keySet().removeIf(id -> id > last);
        send(new StreamFrame(last, StreamFrame.Kind.GO_AWAY));
        if (faults.coin()) {
            connection.later(faults.between(1, LEAVING_MILLIS), () -> {
                connection.disturb(ChaosFault.CLOSE);
                connection.close(faults.coin());
            });
        }
    }

    private void send(StreamFrame frame) throws IOException {
        connection.send(frame.bytes());
    }
}
