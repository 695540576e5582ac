package dev.keepalive;

/**
 * Implemented by an exception that leaves its connection at a message boundary: the peer has answered, and the answer
 * says no, such as Redis' {@code -ERR}, HTTP's 404 or SMTP's 550. If the work of a {@code use} fails with such an
 * exception, {@code use} fails with it, and releases the connection instead of invalidating it. That holds for
 * {@link ConnectionManager#use} and for {@link BlockingConnections#use}, and also if the exception is the cause of a
 * {@link java.util.concurrent.CompletionException} or of a {@link java.util.concurrent.ExecutionException}.
 *
 * <p>Throw it only after the whole answer was read: what is left of it would close the connection at the release, at
 * best.
 *
 * <pre>{@code
 * final class CommandRefused extends RuntimeException implements KeepsConnection { ... }
 * }</pre>
 */
public interface KeepsConnection {}
