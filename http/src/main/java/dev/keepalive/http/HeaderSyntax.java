package dev.keepalive.http;

/** The grammar of header fields (RFC 9110, sections 5.5 and 5.6.2). */
final class HeaderSyntax {
    private static final String OTHER_TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~";

    private HeaderSyntax() {}

    /** Whether it is a token: what a method and the name of a field may be. */
    static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (!letter && OTHER_TOKEN_CHARACTERS.indexOf(c) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** Whether it may be the value of a field: no control characters but the tab; each character is one byte. */
    static boolean isValue(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' && c != '\t' || c == 0x7f || c > 0xff) {
                return false;
            }
        }
        return true;
    }
}
