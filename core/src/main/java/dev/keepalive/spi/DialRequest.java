package dev.keepalive.spi;

import dev.keepalive.Endpoint;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What a dial is to open.
 *
 * @param endpoint what the connection is to lead to, and as whom
 * @param timeout how long the manager will wait before it stops the dial
 * @param eventLoop the event loop of the connector's that asked for it, where the connection is wanted; null if it does not matter
 */
public record DialRequest(Endpoint endpoint, Duration timeout, @Nullable Executor eventLoop) {}
