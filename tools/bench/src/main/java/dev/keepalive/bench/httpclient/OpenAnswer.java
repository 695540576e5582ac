package dev.keepalive.bench.httpclient;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/** The answer to one request of a raw channel, as far as it has come. Event loop only. */
final class OpenAnswer {
    private final AnswerListener listener;
    private int status;
    private byte[] content = {};
    private int size;

    OpenAnswer(AnswerListener listener) {
        this.listener = listener;
    }

    void head(int itsStatus, int length) {
        status = itsStatus;
        content = new byte[length];
    }

    void part(ByteBuf part) {
        int more = part.readableBytes();
        if (size + more > content.length) {
            content = Arrays.copyOf(content, size + more);
        }
        part.readBytes(content, size, more);
        size += more;
    }

    void end() {
        listener.answered(status, size);
    }

    void fail(Throwable cause) {
        listener.failed(cause);
    }
}
