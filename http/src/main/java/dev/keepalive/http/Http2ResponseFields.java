package dev.keepalive.http;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one HEADERS frame of a response, taken from the decoder one by one, and what is wrong with them: only
 * the first fault is kept (RFC 9113, section 8.1.1). Event loop only.
 *
 * <p>For Netty it is a set of headers that has only a status. So nothing is stored twice.
 */
final class Http2ResponseFields extends DefaultHttp2Headers {
    private static final AsciiString STATUS = AsciiString.cached(":status");
    private static final int STATUS_DIGITS = 3;

    private final HeaderFields fields = new HeaderFields();
    private final int maxFields;
    private @Nullable AsciiString statusText;
    private @Nullable String fault;
    private boolean tooMany;

    /** @param maxFields most fields that are kept */
    Http2ResponseFields(int maxFields) {
        super(false, false, 0);
        this.maxFields = maxFields;
    }

    /** The fields, without the status. */
    HeaderFields fields() {
        return fields;
    }

    /** Why they are not those of a response; null if they are. */
    @Nullable
    String responseFault() {
        if (fault == null && statusText == null) {
            return "it has no :status";
        }
        return fault;
    }

    /** Why they are not those of a trailer section; null if they are. */
    @Nullable
    String trailerFault() {
        if (fault == null && statusText != null) {
            return "the trailer section has a :status";
        }
        return fault;
    }

    /** Whether there were more than are kept. */
    boolean isTooMany() {
        return tooMany;
    }

    /** The status; 0 if there is none, or it is not one. */
    int statusCode() {
        AsciiString text = statusText;
        return text == null || fault != null ? 0 : text.parseInt();
    }

    // ---- for the decoder

    @Override
    public Http2Headers add(CharSequence name, CharSequence value) {
        AsciiString key = AsciiString.of(name);
        if (!key.isEmpty() && key.byteAt(0) == ':') {
            addPseudo(key, AsciiString.of(value));
        } else if (fields.size() >= maxFields) {
            tooMany = true;
        } else {
            check(key, value);
            fields.add(key.toString(), value.toString());
        }
        return this;
    }

    @Override
    public @Nullable CharSequence status() {
        return fault == null ? statusText : null;
    }

    @Override
    public int size() {
        return fields.size();
    }

    @Override
    public boolean isEmpty() {
        return fields.size() == 0;
    }

    /** Netty need not know the length of the body: the exchange checks it. */
    @Override
    public List<CharSequence> getAll(CharSequence name) {
        return List.of();
    }

    // ---- what is allowed

    private void addPseudo(AsciiString name, AsciiString value) {
        if (!name.equals(STATUS)) {
            fault("the pseudo-header field " + Texts.quoted(name) + " is not one of a response");
        } else if (fields.size() > 0) {
            fault(":status comes after other fields");
        } else if (statusText != null) {
            fault("it has :status twice");
        } else if (!isStatus(value)) {
            fault(":status is " + Texts.quoted(value) + ", not a number from 100 to 999");
        } else {
            statusText = value;
        }
    }

    private static boolean isStatus(AsciiString value) {
        if (value.length() != STATUS_DIGITS || value.byteAt(0) == '0') {
            return false;
        }
        for (int i = 0; i < STATUS_DIGITS; i++) {
            if (value.byteAt(i) < '0' || value.byteAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    private void check(AsciiString name, CharSequence value) {
        if (name.isEmpty()) {
            fault("a field has an empty name");
        }
        for (int i = 0; i < name.length(); i++) {
            int each = name.byteAt(i) & 0xff;
            if (each >= 'A' && each <= 'Z') {
                fault("the field name " + Texts.quoted(name) + " has upper-case letters");
            } else if (each <= ' ' || each >= 0x7f || each == ':') {
                fault("the field name " + Texts.quoted(name) + " has a character that is not allowed");
            }
        }
        for (int i = 0; i < value.length(); i++) {
            char each = value.charAt(i);
            if (each == '\r' || each == '\n' || each == 0) {
                fault("the value of the field " + Texts.quoted(name) + " has CR, LF or NUL");
            }
        }
        if (Http2Fields.isOfConnection(name)) {
            fault("the field " + Texts.quoted(name) + " is of HTTP/1.1 connections, and not allowed with HTTP/2");
        }
    }

    private void fault(String what) {
        if (fault == null) {
            fault = what;
        }
    }
}
