package dev.keepalive.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the responses of one connection. It is stricter than Netty's where two readers may read a response in two
 * ways (RFC 9112, sections 5.2, 6.1 and 11), and knows which responses have no body. Event loop only.
 */
final class Http1ResponseDecoder extends HttpResponseDecoder {
    /** The status of a response whose status line cannot be read; compared by identity. */
    private static final HttpResponseStatus NO_STATUS = new HttpResponseStatus(999, "no status");

    private static final int DIGITS_OF_STATUS = 3;
    private static final int FIRST_STATUS = 100;
    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;

    /** A power of two. */
    private static final int KNOWN_NAMES = 32;

    private static final int LONGEST_KNOWN_NAME = 40;

    private final int maxSize;
    private final int maxFields;

    /** The method of the request whose response comes; empty if there is none. */
    private String method = "";

    private boolean inHead = true;
    private boolean statusLineRead;
    private boolean lineEnded;
    private boolean folded;
    private boolean begun;
    private boolean inMiddle;
    private int fields;
    private int skipped;

    /** Names of fields that came before, with their strings: a server sends the same with each response. */
    private final AsciiString[] names = new AsciiString[KNOWN_NAMES];

    private boolean noBody;

    /** The Transfer-Encoding of a response without a body, which Netty removes; null if there is none. */
    private @Nullable String removedTransferEncoding;

    Http1ResponseDecoder(HttpOptions options) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(options.maxHeaderSize())
                .setMaxHeaderSize(options.maxHeaderSize())
                // What one read brings is passed on as one part.
                .setMaxChunkSize(Integer.MAX_VALUE)
                .setAllowDuplicateContentLengths(true)
                // RFC 9112, section 2.2: a line may end with LF alone.
                .setStrictLineParsing(false));
        maxSize = options.maxHeaderSize();
        maxFields = options.maxHeaderFields();
    }

    /** Whether this unreadable response has no readable status line. */
    static boolean hasNoStatus(HttpResponse unreadable) {
        return unreadable.status() == NO_STATUS;
    }

    /** A request with this method is about to be sent. */
    void requestBegins(String itsMethod) {
        method = itsMethod;
        begun = false;
    }

    /** Whether any byte of the response to the present request has come. */
    boolean hasBegun() {
        return begun;
    }

    /** Whether a part of a response has come and its rest has not. Empty lines in front of one are no part of it. */
    boolean isInMiddle() {
        return inMiddle;
    }

    /** See {@link #removedTransferEncoding}. Of the response that was decoded last. */
    @Nullable
    String removedTransferEncoding() {
        return removedTransferEncoding;
    }

    /** Whether the response that was decoded last has no body, whatever its header section says. */
    boolean hasNoBody() {
        return noBody;
    }

    // ---- folding

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
        begun = true;
        boolean wasInHead = inHead;
        boolean afterStatusLine = statusLineRead;
        int from = in.readerIndex();
        int before = out.size();
        super.decode(context, in, out);
        if (wasInHead) {
            folded |= isFolded(in, from, in.readerIndex(), afterStatusLine);
            if (!statusLineRead && out.size() == before) {
                skipped(in.readerIndex() - from, out);
            }
            for (int i = before; i < out.size(); i++) {
                decoded(out.get(i));
            }
        } else if (out.size() > before && out.get(out.size() - 1) instanceof LastHttpContent) {
            messageEnds();
        }
        inMiddle = !inHead || statusLineRead || in.isReadable();
    }

    /** Netty skips any number of empty lines in front of the status line. */
    private void skipped(int bytes, List<Object> out) {
        skipped += bytes;
        if (skipped > maxSize) {
            HttpMessage none = createInvalidMessage();
            none.setDecoderResult(DecoderResult.failure(new LimitException(
                    "more than " + maxSize + " bytes of empty lines before its status line (maxHeaderSize)")));
            out.add(none);
        }
    }

    private void decoded(Object part) {
        if (part instanceof HttpResponse response) {
            inHead = false;
            fields = 0;
            if (folded && response.decoderResult().isSuccess()) {
                response.setDecoderResult(
                        DecoderResult.failure(new IllegalArgumentException("a field value goes on in the next line,"
                                + " which is not allowed any more (RFC 9112, section 5.2)")));
            }
        }
        if (part instanceof LastHttpContent) {
            messageEnds();
        }
    }

    private void messageEnds() {
        inHead = true;
        statusLineRead = false;
        lineEnded = false;
        folded = false;
        fields = 0;
        skipped = 0;
    }

    /**
     * Whether a line of the header section begins with white space. Netty would join it to the line before, and not
     * tell.
     */
    private boolean isFolded(ByteBuf in, int from, int to, boolean afterStatusLine) {
        int at = from;
        if (!afterStatusLine) {
            // Netty skips empty lines in front of the status line.
            while (at < to && in.getByte(at) <= ' ') {
                at++;
            }
        } else if (at < to && lineEnded && isWhiteSpace(in.getByte(at))) {
            return true;
        }
        for (int end = in.indexOf(at, to, (byte) '\n'); end >= 0; end = in.indexOf(at, to, (byte) '\n')) {
            at = end + 1;
            if (at < to && isWhiteSpace(in.getByte(at))) {
                return true;
            }
        }
        lineEnded = at == to;
        return false;
    }

    private static boolean isWhiteSpace(byte character) {
        return character == ' ' || character == '\t';
    }

    // ---- what Netty asks

    @Override
    protected HttpMessage createMessage(String[] statusLine) {
        String version = statusLine[0];
        if (!version.startsWith("HTTP/1.")) {
            throw new IllegalArgumentException("version '" + version + "' instead of HTTP/1.1 or HTTP/1.0");
        }
        String status = statusLine[1];
        if (status.length() != DIGITS_OF_STATUS || !Texts.isNumber(status) || Integer.parseInt(status) < FIRST_STATUS) {
            throw new IllegalArgumentException("status '" + status + "' instead of a number from 100 to 999");
        }
        statusLineRead = true;
        return super.createMessage(statusLine);
    }

    @Override
    protected HttpMessage createInvalidMessage() {
        return new DefaultHttpResponse(HttpVersion.HTTP_1_1, NO_STATUS);
    }

    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        if (++fields > maxFields) {
            throw new LimitException(
                    "more than " + maxFields + " fields in the header section or in the trailers (maxHeaderFields)");
        }
        if (line[start + length] != ':') {
            // Netty skips white space before the colon, and does without the colon.
            throw new IllegalArgumentException(
                    "field name '" + new String(line, start, length, StandardCharsets.ISO_8859_1)
                            + "' without a colon right behind it (RFC 9112, section 5.1)");
        }
        return name(line, start, length);
    }

    private AsciiString name(byte[] line, int start, int length) {
        if (length == 0 || length > LONGEST_KNOWN_NAME) {
            return super.splitHeaderName(line, start, length);
        }
        int end = start + length;
        int place = (31 * line[start] + line[end - 1] + length) & KNOWN_NAMES - 1;
        AsciiString known = names[place];
        if (known != null && Arrays.equals(known.array(), 0, known.length(), line, start, end)) {
            return known;
        }
        AsciiString made = super.splitHeaderName(line, start, length);
        if (made.isEntireArrayUsed()) {
            names[place] = made;
        }
        return made;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        int status = ((HttpResponse) message).status().code();
        HttpStatusClass kind = ((HttpResponse) message).status().codeClass();
        noBody = kind == HttpStatusClass.INFORMATIONAL
                || status == NO_CONTENT
                || status == NOT_MODIFIED
                || method.equals("HEAD")
                || method.equals("CONNECT") && kind == HttpStatusClass.SUCCESS;
        removedTransferEncoding = noBody ? message.headers().get(HttpHeaderNames.TRANSFER_ENCODING) : null;
        return noBody;
    }

    /** No protocol is ever switched: 101 is a failure. */
    @Override
    protected boolean isSwitchingToNonHttp1Protocol(HttpResponse response) {
        return false;
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("both Transfer-Encoding and Content-Length '"
                + message.headers().get(HttpHeaderNames.CONTENT_LENGTH)
                + "', so that its end is in doubt (RFC 9112, section 6.1)");
    }

    /** A limit of this client is exceeded; its message is the whole explanation. */
    static final class LimitException extends RuntimeException {
        private static final long serialVersionUID = 1;

        LimitException(String message) {
            super(message, null, false, false);
        }
    }
}
