package dev.keepalive.docs;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.netty.Protocol;
import dev.keepalive.netty.ProtocolContext;
import dev.keepalive.netty.RequestException;
import dev.keepalive.netty.Session;
import dev.keepalive.netty.SharedSession;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** One connection with many streams: "7 GET key" is answered by "7 value", in any order. */
final class LineStreams implements SharedSession<LineStreams.Caller> {
    static final Protocol<Caller> PROTOCOL = new Protocol<>() {
        @Override
        public Session<Caller> install(ProtocolContext context) {
            context.pipeline().addLast(new LineBasedFrameDecoder(1024), new StringDecoder(), new StringEncoder());
            context.share(0); // how many leases there may be is said by the server's settings
            return new LineStreams(context);
        }

        @Override
        public int expectedLeases(Endpoint server) {
            return 100; // so that one connection is dialed for 100 callers, and not 100
        }
    };

    /** What the holder of a lease has: one stream at a time. */
    interface Caller {
        CompletableFuture<String> call(String request);
    }

    /** It refers to the lease, which is not reclaimed as leaked while its answer is awaited. */
    private record Stream(Lease<Caller> lease, long number, CompletableFuture<String> answer) {
        void fail(RequestException failure) {
            answer.completeExceptionally(failure);
        }
    }

    private final ProtocolContext context;
    private final Map<Integer, Stream> streams = new TreeMap<>(); // event loop only, as all that follows
    private int lastId;
    private int capacity;
    private boolean goesAway;

    private LineStreams(ProtocolContext context) {
        this.context = context;
    }

    @Override
    public Caller open(Lease<Caller> lease, long number) {
        return request -> {
            var stream = new Stream(lease, number, new CompletableFuture<>());
            Runnable leaseHasEnded = () -> stream.fail(RequestException.unsent("the lease has ended", null));
            if (!context.execute(lease, () -> begin(stream, request), leaseHasEnded)) {
                leaseHasEnded.run();
            }
            return stream.answer();
        };
    }

    private void begin(Stream stream, String request) {
        if (goesAway || streams.size() >= capacity || !context.channel().isActive()) {
            stream.fail(RequestException.unsent("no room for another stream", null)); // this lease alone
            return;
        }
        streams.put(++lastId, stream);
        send(lastId + " " + request);
    }

    @Override
    public void received(Object line) {
        String[] words = line.toString().split(" ", 2);
        switch (words[0]) {
            case "settings" -> {
                capacity = Integer.parseInt(words[1]);
                send("ack");
                context.capacity(capacity);
            }
            case "goaway" -> {
                context.retire(); // no new leases; the present ones go on, and then the connection is closed
                goesAway = true;
                take(id -> id > Integer.parseInt(words[1]))
                        .forEach(stream -> stream.fail(RequestException.notProcessed("the server goes away", null)));
            }
            case "refused" ->
                take(id -> id == Integer.parseInt(words[1]))
                        .forEach(stream -> stream.fail(RequestException.notProcessed("the server refuses", null)));
            default ->
                take(id -> id == Integer.parseInt(words[0]))
                        .forEach(stream -> stream.answer().complete(words[1]));
        }
    }

    @Override
    public boolean ended(long number) {
        context.channel().eventLoop().execute(() -> {
            IntPredicate ofLease = id -> streams.get(id).number() == number;
            streams.keySet().stream().filter(ofLease::test).forEach(id -> send("cancel " + id));
            take(ofLease).forEach(stream -> stream.fail(RequestException.maybeSent("the lease has ended", null)));
            context.freePlace(number);
        });
        return false; // the place is free only then
    }

    @Override
    public void closed(@Nullable Throwable cause) {
        take(id -> true).forEach(stream -> stream.fail(RequestException.maybeSent("the connection has ended", cause)));
    }

    /** All are taken before any is told: what is told may begin the next stream. */
    private List<Stream> take(IntPredicate which) {
        List<Integer> ids = streams.keySet().stream().filter(which::test).toList();
        return ids.stream().map(streams::remove).toList();
    }

    private void send(String line) {
        context.channel().writeAndFlush(line + "\n", context.channel().voidPromise());
    }
}
