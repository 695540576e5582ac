package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * HTTP CONNECT (RFC 9110, section 9.3.6), with credentials if there are any. The answer counts as soon as its head is
 * there: a status of 2xx is an agreement, and its head is followed by the bytes of the next endpoint, whatever it says
 * about a body. Informational answers before it are skipped, except 101. Lines may end with LF alone (RFC 9112, section
 * 2.2).
 */
final class HttpConnectHandshake extends ProxyHandshake {
    /** The limit of all heads together, in bytes. */
    static final int MAX_HEAD = 64 * 1024;

    private static final String START = "HTTP/";
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/\\d(?:\\.\\d)? +((\\d)\\d\\d)(?: .*)?");
    private static final String AUTHENTICATE = "proxy-authenticate:";
    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int HTTPS_PORT = 443;

    private final @Nullable String authorization;
    private String statusLine = "";
    private int status;
    private String authenticate = "";
    private int headBytes;

    /** @param authorization the value of the field Proxy-Authorization; null if there is none */
    HttpConnectHandshake(Endpoint proxy, Endpoint next, @Nullable String authorization, EventLoop loop) {
        super(proxy, next, loop);
        this.authorization = authorization;
    }

    @Override
    ByteBuf greeting() {
        String host = nextHost();
        String authority = (host.indexOf(':') < 0 ? host : '[' + host + ']') + ':' + next.port();
        String head = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n"
                + (authorization == null ? "" : "Proxy-Authorization: " + authorization + "\r\n") + "\r\n";
        return Unpooled.copiedBuffer(head, StandardCharsets.US_ASCII);
    }

    @Override
    boolean read(ChannelHandlerContext context, ByteBuf input) throws ProxyException {
        checkStart(input);
        for (String line = nextLine(input); line != null; line = nextLine(input)) {
            if (statusLine.isEmpty()) {
                readStatus(line);
            } else if (!line.isEmpty()) {
                readHeader(line);
            } else if (status / 100 == 2) {
                return true;
            } else if (status / 100 != 1 || status == SWITCHING_PROTOCOLS) {
                throw new ProxyException(proxy, refusal(), null, status, authenticate);
            } else {
                statusLine = "";
                checkStart(input);
            }
        }
        return false;
    }

    /** Fails as soon as the beginning of an answer cannot be HTTP: the rest of a line may never come. */
    private void checkStart(ByteBuf input) throws ProxyException {
        int length = Math.min(START.length(), input.readableBytes());
        if (statusLine.isEmpty()
                && !input.toString(input.readerIndex(), length, StandardCharsets.ISO_8859_1)
                        .equals(START.substring(0, length))) {
            throw notHttp(input.toString(StandardCharsets.ISO_8859_1));
        }
    }

    private void readStatus(String line) throws ProxyException {
        Matcher matcher = STATUS_LINE.matcher(line);
        if (!matcher.matches()) {
            throw notHttp(line);
        }
        statusLine = line;
        status = Integer.parseInt(matcher.group(1));
        authenticate = "";
    }

    private void readHeader(String line) {
        if (line.toLowerCase(Locale.ROOT).startsWith(AUTHENTICATE)) {
            String value = line.substring(AUTHENTICATE.length()).strip();
            authenticate =
                    authenticate.isEmpty() || value.isEmpty() ? authenticate + value : authenticate + ", " + value;
        }
    }

    /** The next line, without its line break; or null if it has not arrived. */
    private @Nullable String nextLine(ByteBuf input) throws ProxyException {
        int length = input.bytesBefore((byte) '\n');
        if (headBytes + Math.max(length, length < 0 ? input.readableBytes() : 0) >= MAX_HEAD) {
            throw failure("sent a head of more than " + MAX_HEAD + " bytes, which begins with "
                    + ProxyException.quoted(saidSoFar() + input.toString(StandardCharsets.ISO_8859_1)));
        }
        if (length < 0) {
            return null;
        }
        headBytes += length + 1;
        String line =
                input.readCharSequence(length, StandardCharsets.ISO_8859_1).toString();
        input.skipBytes(1);
        return line.endsWith("\r") ? line.substring(0, length - 1) : line;
    }

    private ProxyException notHttp(String said) {
        return failure("answered " + ProxyException.quoted(said) + ", which is not HTTP");
    }

    private String refusal() {
        String hint = "";
        if (status == 407) {
            hint = "; it asks for " + (authenticate.isEmpty() ? "credentials" : ProxyException.quoted(authenticate))
                    + (authorization == null ? ", and none are given" : ", and does not accept those that are given");
        } else if (status / 100 == 4 && next.port() != HTTPS_PORT) {
            hint = "; many proxies allow CONNECT to port 443 only, and every connection through a proxy of HTTP"
                    + " begins with CONNECT, plain http too";
        }
        return "answered " + ProxyException.quoted(statusLine) + " to CONNECT " + nextHost() + ':' + next.port() + hint;
    }

    @Override
    String saidSoFar() {
        return statusLine;
    }
}
