package dev.keepalive.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Bodies as comparable text. */
final class Described {
    private Described() {}

    /** So many bytes that never repeat in the same way soon. */
    static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ('a' + (i ^ i >> 7) % 26);
        }
        return bytes;
    }

    /** A short body itself; of a long one its length and hash. */
    static String bytes(byte[] bytes) {
        if (bytes.length <= 40) {
            return "'" + escaped(new String(bytes, StandardCharsets.ISO_8859_1)) + "'";
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return bytes.length + " bytes " + HexFormat.of().formatHex(hash, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        text.chars()
                .forEach(each -> escaped.append(
                        each < ' ' || each > '~' ? String.format("\\x%02x", each) : String.valueOf((char) each)));
        return escaped.toString();
    }

    static String text(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }
}
