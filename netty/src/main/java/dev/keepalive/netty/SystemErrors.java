package dev.keepalive.netty;

import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.VisibleText;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolverException;
import java.io.FileNotFoundException;
import java.io.IOException;
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
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The table that maps exceptions of the JDK and of Netty to the error numbers and texts of the operating system, both
 * as Linux has them.
 *
 * <p>The text of an exception is the more exact source: the JDK takes it from the system, Netty puts the name of the
 * call before it and the address behind it. The class of an exception is looked at second, since several error numbers
 * share one class.
 */
final class SystemErrors {
    private static final String NAME_NOT_KNOWN = "Name or service not known";
    private static final String TEMPORARY_FAILURE = "Temporary failure in name resolution";
    /** How the JDK begins to say that a name is not in its grammar, before it looks at the certificate. */
    private static final String ILLEGAL_NAME = "Illegal given domain name: ";

    private static final int EAI_NONAME = -2;
    private static final int EAI_AGAIN = -3;
    /** How many causes are looked at: more than any real chain has; a limit in case the chain is a cycle. */
    private static final int MAX_CAUSES = 16;

    private enum SystemError {
        EPERM(1, "Operation not permitted"),
        ENOENT(2, "No such file or directory"),
        EACCES(13, "Permission denied"),
        ENODEV(19, "No such device"),
        EINVAL(22, "Invalid argument"),
        // Before EMFILE, whose text is a prefix of this one.
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
        /** The texts that messages contain, in lower case. */
        @SuppressWarnings("ImmutableEnumChecker")
        final List<String> texts;

        SystemError(int number, String text, String... alternatives) {
            this.number = number;
            this.text = text;
            this.texts = Stream.concat(Stream.of(text), Stream.of(alternatives))
                    .map(each -> each.toLowerCase(Locale.ROOT))
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

    /** The failure of a dial in this phase, from an exception. */
    static DialException of(Phase phase, Throwable original) {
        Throwable thrown = phase == Phase.PROXY || phase == Phase.TLS ? withVisibleText(original) : original;
        if (phase == Phase.RESOLVE && thrown instanceof UnknownHostException) {
            return ofLookup(thrown);
        }
        List<Throwable> causes = causes(original);
        if (phase == Phase.TLS && causes.stream().anyMatch(CertificateException.class::isInstance)) {
            return new DialException(phase, 0, textOfTls(causes), thrown);
        }
        for (Throwable cause : causes) {
            // Part of its message is the proxy's text, which must not be taken for the system's.
            SystemError error = cause instanceof ProxyException ? null : SystemError.of(cause);
            if (error != null) {
                String text = thrown instanceof ProxyException ? textOf(thrown) : error.text;
                return new DialException(phase, error.number, text, thrown);
            }
        }
        return new DialException(phase, 0, phase == Phase.TLS ? textOfTls(causes) : textOf(original), thrown);
    }

    /**
     * The exception; or, if the peer has put control or format characters into it, a copy of its texts in which they
     * are visible, since stack traces are printed too.
     */
    private static Throwable withVisibleText(Throwable thrown) {
        List<Throwable> causes = causes(thrown);
        if (causes.stream().map(Throwable::toString).allMatch(text -> VisibleText.ofAny(text)
                .equals(text))) {
            return thrown;
        }
        @Nullable IOException copy = null;
        for (int i = causes.size() - 1; i >= 0; i--) {
            copy = new IOException(VisibleText.of(causes.get(i).toString()), copy);
            copy.setStackTrace(causes.get(i).getStackTrace());
        }
        return Objects.requireNonNull(copy, "copy");
    }

    /**
     * The same, for a socket that is bound to a local address before it connects. If that address is the cause of the
     * failure, the text names it.
     *
     * @param local the address, or null if the socket is not bound
     */
    static DialException of(Phase phase, Throwable thrown, @Nullable InetAddress local) {
        DialException plain = of(phase, thrown);
        boolean addressError = plain.errorNumber() == SystemError.EADDRINUSE.number
                || plain.errorNumber() == SystemError.EADDRNOTAVAIL.number;
        return local == null || !addressError
                ? plain
                : new DialException(
                        phase,
                        plain.errorNumber(),
                        plain.text() + " (local address " + local.getHostAddress() + ")",
                        thrown);
    }

    /** The failure of a dial that cannot begin: no address of the name is of the family of the local address. */
    static DialException familyNotSupported(String detail) {
        return new DialException(
                Phase.CONNECT,
                SystemError.EAFNOSUPPORT.number,
                SystemError.EAFNOSUPPORT.text,
                new IllegalArgumentException(detail));
    }

    /** True if this host had no descriptor or memory for a socket. */
    static boolean isOutOfResources(Throwable thrown) {
        return of(Phase.RESOLVE, thrown).isOutOfResources();
    }

    /** True if a lookup failed because there was no answer, not because there is no such name. */
    static boolean isTemporary(DialException failure) {
        return failure.errorNumber() == EAI_AGAIN;
    }

    /** True if the answer to a lookup was that there is no such name. */
    static boolean isNoSuchName(DialException failure) {
        return failure.errorNumber() == EAI_NONAME;
    }

    private static DialException ofLookup(Throwable thrown) {
        boolean temporary = causes(thrown).stream().anyMatch(SystemErrors::isNameServerFailure);
        return temporary
                ? new DialException(Phase.RESOLVE, EAI_AGAIN, TEMPORARY_FAILURE, thrown)
                : new DialException(Phase.RESOLVE, EAI_NONAME, NAME_NOT_KNOWN, thrown);
    }

    private static boolean isNameServerFailure(Throwable cause) {
        return cause instanceof NameServerException
                || cause instanceof DnsNameResolverException
                || (cause instanceof DnsErrorCauseException answer
                        && !answer.getCode().equals(DnsResponseCode.NXDOMAIN));
    }

    /**
     * The text of a failed handshake: the fault of the certificate, if there is one, with the innermost reason, which
     * names the date or the authority.
     */
    static String textOfTls(Throwable thrown) {
        return textOfTls(causes(thrown));
    }

    private static String textOfTls(List<Throwable> causes) {
        String text = first(causes, CertificateException.class::isInstance);
        if (text != null && text.startsWith(ILLEGAL_NAME) && text.indexOf('_') >= 0) {
            return "the JDK verifies no certificate for a name with an underscore, like '"
                    + text.substring(ILLEGAL_NAME.length())
                    + "': give the certificate's name with Endpoint.withTls(serverName)";
        }
        if (text == null) {
            text = first(causes, SSLException.class::isInstance);
        }
        if (text != null) {
            String reason = VisibleText.of(textOf(causes.get(causes.size() - 1)));
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
                .map(each -> VisibleText.of(textOf(each)))
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
