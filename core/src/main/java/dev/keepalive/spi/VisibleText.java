package dev.keepalive.spi;

/**
 * Makes text of foreign origin safe for messages, logs and terminals: what a peer, a proxy or a certificate says, and
 * names that others choose. Control and format characters, which could move the cursor, begin a new line or reverse the
 * order of what follows, are shown as {@code \}{@code u001B}. Safe from any thread; does not block.
 */
public final class VisibleText {
    /** The longest text that {@link #of} returns, in characters. */
    private static final int LONGEST = 200;

    private static final String CUT = "...";

    private VisibleText() {}

    /** The text with its control and format characters made visible, cut at 200 characters. */
    public static String of(String text) {
        // No more than this can be shown, however long the text is.
        String begin = text.length() <= LONGEST ? text : text.substring(0, cutAt(text, LONGEST));
        String visible = ofAny(begin);
        return text.length() <= LONGEST && visible.length() <= LONGEST
                ? visible
                : visible.substring(0, cutAt(visible, LONGEST - CUT.length())) + CUT;
    }

    /** Where to cut the text so that no character is cut in two. */
    private static int cutAt(String text, int length) {
        int at = Math.min(length, text.length());
        return at > 0 && Character.isHighSurrogate(text.charAt(at - 1)) ? at - 1 : at;
    }

    /** The text with its control and format characters made visible, whatever its length. */
    public static String ofAny(String text) {
        if (text.codePoints().noneMatch(VisibleText::isInvisible)) {
            return text;
        }
        StringBuilder visible = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(codePoint -> {
            if (isInvisible(codePoint)) {
                visible.append(String.format(codePoint > 0xFFFF ? "\\U%08X" : "\\u%04X", codePoint));
            } else {
                visible.appendCodePoint(codePoint);
            }
        });
        return visible.toString();
    }

    private static boolean isInvisible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default -> false;
        };
    }
}
