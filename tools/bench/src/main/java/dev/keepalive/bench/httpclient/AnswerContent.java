package dev.keepalive.bench.httpclient;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.Map;

/** The contents of answers, made once for each size. For one event loop. */
final class AnswerContent {
    /** Fields as a server has them, beside the length. */
    static final Map<String, String> FIELDS = Map.of(
            "server", "bench",
            "date", "Tue, 01 Dec 2026 00:00:00 GMT",
            "content-type", "application/octet-stream",
            "cache-control", "no-store");

    private final Map<String, ByteBuf> bySize = new HashMap<>();

    /** The content for a request of this path, which is {@code /} and its size. */
    ByteBuf of(String path) {
        return bySize.computeIfAbsent(path, AnswerContent::make).retainedDuplicate();
    }

    private static ByteBuf make(String path) {
        int size = Integer.parseInt(path.substring(1));
        return Unpooled.unreleasableBuffer(Unpooled.directBuffer(size).writeZero(size));
    }
}
