package dev.keepalive.soak;

import dev.keepalive.Lease;
import dev.keepalive.netty.ProtocolContext;
import dev.keepalive.netty.RequestException;
import dev.keepalive.netty.Requests;
import dev.keepalive.netty.SharedSession;
import dev.keepalive.spi.TimeSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of a connection with streams, one for each lease. It obeys the server's settings by leaving the
 * number of leases to the manager: a stream is never held back here, so the server sees what the manager has granted.
 * Event loop only, except where stated.
 */
final class StreamSession implements SharedSession<Requests<CheckedExchange, String>> {
    private final ProtocolContext context;
    private final TimeSource time = TimeSource.system();
    private final Map<Integer, Stream> streams = new HashMap<>();
    private int lastProcessed = Integer.MAX_VALUE;
    private boolean closed;

    StreamSession(ProtocolContext context) {
        this.context = context;
    }

    /** A request that awaits its answer; it refers to the lease, which does not leak meanwhile. */
    private record Call(Lease<?> lease, CheckedExchange exchange, CompletableFuture<String> answer) {
        void fail(RequestException failure) {
            answer.completeExceptionally(failure);
        }
    }

    /** What the server has of one lease. */
    private static final class Stream {
        private final Deque<Call> unanswered = new ArrayDeque<>();
        private boolean lost;

        private List<Call> lose() {
            lost = true;
            List<Call> calls = new ArrayList<>(unanswered);
            unanswered.clear();
            return calls;
        }
    }

    // ---- leases, on any thread

    @Override
    public Requests<CheckedExchange, String> open(Lease<Requests<CheckedExchange, String>> lease, long number) {
        return new Handle(lease, (int) number);
    }

    @Override
    public boolean ended(long number) {
        try {
            context.channel().eventLoop().execute(() -> end((int) number));
        } catch (RejectedExecutionException shutDown) {
            // The connection ends, and all its places with it.
        }
        return false;
    }

    /** What the holder of a lease has. */
    private final class Handle implements Requests<CheckedExchange, String> {
        private final Lease<?> lease;
        private final int number;

        Handle(Lease<?> lease, int number) {
            this.lease = lease;
            this.number = number;
        }

        @Override
        public CompletableFuture<String> send(CheckedExchange request) {
            Call call = new Call(lease, request, new CompletableFuture<>());
            Runnable leaseHasEnded = () -> call.fail(RequestException.unsent("the lease has ended", null));
            if (!context.execute(lease, () -> begin(number, call), leaseHasEnded)) {
                leaseHasEnded.run();
            }
            return call.answer();
        }

        @Override
        public CompletableFuture<String> greeting() {
            throw new IllegalStateException("the protocol has no greeting");
        }

        @Override
        public String call(CheckedExchange request) throws RequestException, InterruptedException {
            try {
                return send(request).get();
            } catch (ExecutionException e) {
                throw RequestException.maybeSent("the request has failed", e.getCause());
            }
        }
    }

    // ---- streams

    private void begin(int number, Call call) {
        Stream stream = streams.computeIfAbsent(number, first -> new Stream());
        if (closed
                || stream.lost
                || number > lastProcessed
                || !context.channel().isActive()) {
            call.fail(RequestException.unsent("the stream is lost", null));
            return;
        }
        stream.unanswered.add(call);
        call.exchange().sentOn(context.channel());
        send(new StreamFrame(number, StreamFrame.Kind.REQUEST, call.exchange().text()));
    }

    private void end(int number) {
        Stream stream = streams.remove(number);
        List<Call> abandoned = stream == null ? List.of() : stream.lose();
        if (abandoned.isEmpty()) {
            send(new StreamFrame(number, StreamFrame.Kind.END));
            context.freePlace(number);
        } else {
            // The place is free when the server has confirmed it.
            send(new StreamFrame(number, StreamFrame.Kind.CANCEL));
            abandoned.forEach(call -> call.fail(RequestException.maybeSent("the lease has ended", null)));
        }
    }

    @Override
    public void received(Object message) {
        StreamFrame frame = (StreamFrame) message;
        switch (frame.kind()) {
            case SETTINGS -> {
                context.capacity(Integer.parseInt(frame.text()));
                send(new StreamFrame(0, StreamFrame.Kind.ACK, String.valueOf(time.nanoTime())));
            }
            case ANSWER -> {
                Stream stream = streams.get(frame.stream());
                Call call = stream == null ? null : stream.unanswered.poll();
                if (call != null) {
                    call.answer().complete(frame.text());
                }
            }
            case CANCELLED -> context.freePlace(frame.stream());
            case RESET -> lose(frame.stream(), RequestException.maybeSent("the server has reset the stream", null));
            case REFUSED -> lose(frame.stream(), RequestException.notProcessed("the server refuses the stream", null));
            case GO_AWAY -> goAway(frame.stream());
            case ACK, REQUEST, END, CANCEL -> throw new IllegalArgumentException("a server that says " + frame);
        }
    }

    private void goAway(int last) {
        context.retire();
        lastProcessed = Math.min(lastProcessed, last);
        List<Integer> unprocessed =
                streams.keySet().stream().filter(number -> number > last).toList();
        unprocessed.forEach(number -> lose(number, RequestException.notProcessed("the server goes away", null)));
    }

    private void lose(int number, RequestException failure) {
        Stream stream = streams.get(number);
        if (stream != null) {
            stream.lose().forEach(call -> call.fail(failure));
        }
    }

    @Override
    public void closed(@Nullable Throwable cause) {
        closed = true;
        RequestException failure = RequestException.maybeSent("the connection has ended", cause);
        for (Stream stream : new ArrayList<>(streams.values())) {
            stream.lose().forEach(call -> call.fail(failure));
        }
    }

    private void send(StreamFrame frame) {
        if (!closed) {
            context.channel().writeAndFlush(frame);
        }
    }
}
