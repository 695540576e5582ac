package dev.keepalive.netty;

import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolverException;
import java.io.FileNotFoundException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The one table from what the JDK and Netty throw to the system's numbers and texts, both as Linux has them.
 *
 * <p>The text of an exception is the best witness: the JDK makes it of the system's own, Netty puts the call before it
 * and the address behind it. Its class is asked second, since several numbers share one.
 */
final class SystemErrors {
    private static final String NAME_NOT_KNOWN = "Name or service not known";
    private static final String TEMPORARY_FAILURE = "Temporary failure in name resolution";
    private static final int EAI_NONAME = -2;
    private static final int EAI_AGAIN = -3;
    /** How many causes are looked at: more than any chain has, unless it bites its tail. */
    private static final int MAX_CAUSES = 16;

    private enum SystemError {
        EPERM(1, "Operation not permitted"),
        ENOENT(2, "No such file or directory"),
        EACCES(13, "Permission denied"),
        // Before EMFILE, whose text is the beginning of this one.
        ENFILE(23, "Too many open files in system"),
        EMFILE(24, "Too many open files"),
        EPIPE(32, "Broken pipe"),
        EAFNOSUPPORT(
                97,
                "Address family not supported by protocol",
                "Protocol family unavailable",
                "Protocol family not supported"),
        EADDRINUSE(98, "Address already in use"),
        EADDRNOTAVAIL(99, "Cannot assign requested address", "Can't assign requested address"),
        ENETDOWN(100, "Network is down"),
        ENETUNREACH(101, "Network is unreachable"),
        ECONNABORTED(103, "Software caused connection abort"),
        ECONNRESET(104, "Connection reset by peer", "Connection reset"),
        ENOBUFS(105, "No buffer space available"),
        ETIMEDOUT(110, "Connection timed out", "Operation timed out"),
        ECONNREFUSED(111, "Connection refused"),
        EHOSTDOWN(112, "Host is down"),
        EHOSTUNREACH(113, "No route to host", "Host is unreachable");

        final int number;
        final String text;
        /** What messages contain, in lower case. */
        @SuppressWarnings("ImmutableEnumChecker")
        final List<String> texts;

        SystemError(int number, String text, String... alsoSaid) {
            this.number = number;
            this.text = text;
            this.texts = Stream.concat(Stream.of(text), Stream.of(alsoSaid))
                    .map(said -> said.toLowerCase(Locale.ROOT))
                    .toList();
        }

        static @Nullable SystemError of(Throwable thrown) {
            String message = String.valueOf(thrown.getMessage()).toLowerCase(Locale.ROOT);
            for (SystemError error : values()) {
                if (error.texts.stream().anyMatch(message::contains)) {
                    return error;
                }
            }
            return ofClass(thrown);
        }

        private static @Nullable SystemError ofClass(Throwable thrown) {
            if (thrown instanceof NoRouteToHostException) {
                return EHOSTUNREACH;
            }
            if (thrown instanceof FileNotFoundException) {
                return ENOENT;
            }
            if (thrown instanceof PortUnreachableException) {
                return ECONNREFUSED;
            }
            if (thrown instanceof ConnectTimeoutException || thrown instanceof SocketTimeoutException) {
                return ETIMEDOUT;
            }
            return null;
        }
    }

    private SystemErrors() {}

    /** What this throwable says about a dial that failed in this phase. */
    static DialException of(Phase phase, Throwable thrown) {
        if (phase == Phase.RESOLVE && thrown instanceof UnknownHostException) {
            return ofLookup(thrown);
        }
        List<Throwable> causes = causes(thrown);
        if (phase == Phase.TLS && causes.stream().anyMatch(CertificateException.class::isInstance)) {
            return new DialException(phase, 0, textOfTls(causes), thrown);
        }
        for (Throwable cause : causes) {
            // What it says is the proxy's text in part: not to be taken for the system's.
            SystemError error = cause instanceof ProxyConnectException ? null : SystemError.of(cause);
            if (error != null) {
                return new DialException(phase, error.number, error.text, thrown);
            }
        }
        return new DialException(phase, 0, phase == Phase.TLS ? textOfTls(causes) : textOf(thrown), thrown);
    }

    /**
     * The same, of a socket that is bound to this address before it connects; to none if it is null. What is wrong with
     * the address names it.
     */
    static DialException of(Phase phase, Throwable thrown, @Nullable InetAddress local) {
        DialException plain = of(phase, thrown);
        boolean ofTheAddress = plain.errorNumber() == SystemError.EADDRINUSE.number
                || plain.errorNumber() == SystemError.EADDRNOTAVAIL.number;
        return local == null || !ofTheAddress
                ? plain
                : new DialException(
                        phase,
                        plain.errorNumber(),
                        plain.text() + " (local address " + local.getHostAddress() + ")",
                        thrown);
    }

    /** A dial that cannot begin: no address of the name is of the family of the address to bind to. */
    static DialException familyNotSupported(String detail) {
        return new DialException(
                Phase.CONNECT,
                SystemError.EAFNOSUPPORT.number,
                SystemError.EAFNOSUPPORT.text,
                new IllegalArgumentException(detail));
    }

    /** True of a lookup that failed for want of an answer, not because there is no such name. */
    static boolean isTemporary(DialException failure) {
        return failure.errorNumber() == EAI_AGAIN;
    }

    /** True of a lookup whose answer was that there is no such name. */
    static boolean isNoSuchName(DialException failure) {
        return failure.errorNumber() == EAI_NONAME;
    }

    private static DialException ofLookup(Throwable thrown) {
        boolean mayWorkLater = causes(thrown).stream().anyMatch(SystemErrors::isNameServerFailure);
        return mayWorkLater
                ? new DialException(Phase.RESOLVE, EAI_AGAIN, TEMPORARY_FAILURE, thrown)
                : new DialException(Phase.RESOLVE, EAI_NONAME, NAME_NOT_KNOWN, thrown);
    }

    private static boolean isNameServerFailure(Throwable cause) {
        return cause instanceof DnsNameResolverException
                || (cause instanceof DnsErrorCauseException answer
                        && !answer.getCode().equals(DnsResponseCode.NXDOMAIN));
    }

    /**
     * What is wrong with the certificate, if that is it; with the reason at the bottom, which names the date or the
     * authority.
     */
    private static String textOfTls(List<Throwable> causes) {
        String text = first(causes, CertificateException.class::isInstance);
        if (text == null) {
            text = first(causes, SSLException.class::isInstance);
        }
        if (text != null) {
            String reason = textOf(causes.get(causes.size() - 1));
            return text.contains(reason) ? text : text + ": " + reason;
        }
        if (causes.stream().anyMatch(ClosedChannelException.class::isInstance)) {
            return "the peer closed the connection during the handshake";
        }
        return textOf(causes.get(0));
    }

    private static @Nullable String first(List<Throwable> causes, Predicate<Throwable> which) {
        return causes.stream()
                .filter(which)
                .findFirst()
                .map(SystemErrors::textOf)
                .orElse(null);
    }

    private static String textOf(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null || message.isBlank() ? thrown.getClass().getSimpleName() : message;
    }

    private static List<Throwable> causes(Throwable thrown) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable cause = thrown; cause != null && causes.size() < MAX_CAUSES; cause = cause.getCause()) {
            causes.add(cause);
        }
        return causes;
    }
}
