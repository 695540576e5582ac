package dev.keepalive.http;

import dev.keepalive.AcquireException;
import dev.keepalive.Phase;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** Says in the exceptions of the JDK's client why there is no connection. */
final class ConnectFailures {
    private static final int MOST_CAUSES = 16;

    private ConnectFailures() {}

    /** The exception that a program gets; the cause, or a suppressed exception, tells all that is known. */
    static IOException of(AcquireException failure) {
        String message = failure.getMessage();
        if (failure instanceof AcquireException.TimedOut) {
            return failure.phase().compareTo(Phase.PERMIT) <= 0
                    ? with(
                            new HttpTimeoutException("request timed out while it waited for a connection: " + message),
                            failure)
                    : connectTimeout(failure);
        }
        if (!(failure instanceof AcquireException.DialFailed)) {
            return new IOException(
                    failure instanceof AcquireException.Closed ? "closed: " + message : message, failure);
        }
        if (failure.getCause() == null && failure.errorText().startsWith("dialTimeout")) {
            return connectTimeout(failure);
        }
        return switch (failure.phase()) {
            case RESOLVE -> {
                IOException unknown = with(new ConnectException(message), new UnresolvedAddressException());
                unknown.addSuppressed(failure);
                yield unknown;
            }
            case CONNECT -> with(new ConnectException(message), failure);
            case TLS -> tls(failure);
            default -> new IOException(message, failure);
        };
    }

    /** Caused by a {@link ConnectException}, as that of the JDK's client is. */
    private static IOException connectTimeout(AcquireException failure) {
        return with(
                new HttpConnectTimeoutException("HTTP connect timed out: " + failure.getMessage()),
                with(new ConnectException("HTTP connect timed out"), failure));
    }

    private static IOException tls(AcquireException failure) {
        SSLException cause = find(failure, SSLException.class);
        // Without one, the peer has closed the connection.
        return cause == null || cause instanceof SSLHandshakeException
                ? with(new SSLHandshakeException(failure.getMessage()), failure)
                : new SSLException(failure.getMessage(), failure);
    }

    /** The first of this type among the failure and its causes; null if there is none. */
    static <T extends Throwable> @Nullable T find(Throwable from, Class<T> type) {
        Throwable each = from;
        for (int i = 0; each != null && i < MOST_CAUSES; i++) {
            if (type.isInstance(each)) {
                return type.cast(each);
            }
            each = each.getCause();
        }
        return null;
    }

    private static IOException with(IOException made, Throwable cause) {
        made.initCause(cause);
        return made;
    }
}
