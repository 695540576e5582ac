package dev.keepalive.cli;

import dev.keepalive.spi.VisibleText;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A URL in its parts (RFC 3986), as it was given. Immutable.
 *
 * @param scheme empty if the URL does not begin with {@code scheme://}
 * @param authority user information, host and port
 * @param rest path, query and fragment
 */
record UrlText(String scheme, String authority, String rest) {
    private static final Pattern FORM = Pattern.compile("([^:/?#]+)://([^/?#]*)(.*)", Pattern.DOTALL);
    private static final Pattern SHOWABLE = Pattern.compile("([^:@]*|\\[[^@\\]]*])(:[0-9]*)?");
    private static final char ESCAPE = '%';

    static UrlText of(String url) {
        Matcher form = FORM.matcher(url);
        return form.matches() ? new UrlText(form.group(1), form.group(2), form.group(3)) : new UrlText("", "", url);
    }

    /**
     * What messages may contain: scheme, host and port. Nothing if that could be something else: if there is user
     * information, or may be.
     */
    String shown() {
        boolean safe = SHOWABLE.matcher(authority).matches() && !scheme.isEmpty() && rest.indexOf('@') < 0;
        return safe ? " '" + VisibleText.of(scheme + "://" + authority) + "'" : "";
    }

    /** Escapes everything that is not ASCII, as UTF-8 (RFC 3986, section 2.5; RFC 3987, section 3.1). */
    static String escaped(String text) {
        StringBuilder ascii = new StringBuilder();
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            if (each >= 0) {
                ascii.append((char) each);
            } else {
                ascii.append(String.format("%%%02X", each));
            }
        }
        return ascii.toString();
    }

    /**
     * The text without escapes.
     *
     * @throws IllegalArgumentException if an escape is not two hexadecimal digits, or the bytes are not UTF-8
     */
    static String unescaped(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == ESCAPE) {
                if (i + 2 >= bytes.length) {
                    throw new IllegalArgumentException("an escape is cut off");
                }
                out.write(hex(bytes[i + 1]) * 16 + hex(bytes[i + 2]));
                i += 2;
            } else {
                out.write(bytes[i]);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(out.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("escapes that are not UTF-8", e);
        }
    }

    private static int hex(byte digit) {
        int value = "0123456789abcdef".indexOf(Character.toLowerCase((char) digit));
        if (value < 0) {
            throw new IllegalArgumentException("an escape is not two hexadecimal digits");
        }
        return value;
    }
}
