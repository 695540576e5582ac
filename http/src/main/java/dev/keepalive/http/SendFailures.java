package dev.keepalive.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * Makes what a blocking {@code send} throws: an exception of the same kind with the stack of the caller, whose cause is
 * that of the exchange.
 */
final class SendFailures {
    private SendFailures() {}

    /** Throws what has failed, or returns it as an {@link IOException}. */
    static IOException of(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String message = cause.getMessage();
        if (cause instanceof Error error) {
            throw error;
        } else if (cause instanceof IllegalArgumentException) {
            throw new IllegalArgumentException(message, cause);
        } else if (cause instanceof SecurityException) {
            throw new SecurityException(message, cause);
        }
        return of(cause, message);
    }

    private static IOException of(Throwable cause, @Nullable String message) {
        IOException made;
        if (cause instanceof HttpConnectTimeoutException) {
            made = new HttpConnectTimeoutException(message);
        } else if (cause instanceof HttpTimeoutException) {
            made = new HttpTimeoutException(message);
        } else if (cause instanceof ConnectException) {
            made = new ConnectException(message);
        } else if (cause instanceof SSLHandshakeException) {
            made = new SSLHandshakeException(message);
        } else if (cause instanceof SSLException) {
            made = new SSLException(message);
        } else if (cause instanceof ProtocolException) {
            made = new ProtocolException(message);
        } else {
            made = new IOException(message);
        }
        made.initCause(cause);
        return made;
    }
}
