package dev.keepalive.http;

/** The body of a request that has none, or an empty one. */
final class EmptyBody implements RequestBody {
    private static final EmptyBody NO_LENGTH = new EmptyBody(NONE);
    private static final EmptyBody LENGTH_ZERO = new EmptyBody(0);

    private final long length;

    private EmptyBody(long length) {
        this.length = length;
    }

    /** A request whose method expects a body says that it has none (RFC 9110, section 8.6). */
    static RequestBody of(String method) {
        return method.equals("POST") || method.equals("PUT") ? LENGTH_ZERO : NO_LENGTH;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void start(Sink sink) {
        sink.end();
    }

    @Override
    public void more() {
        // There is no more.
    }

    @Override
    public void cancel() {
        // Nothing to end.
    }
}
