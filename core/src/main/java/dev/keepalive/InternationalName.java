package dev.keepalive;

import java.net.IDN;
import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The ASCII form of host names with other characters. The JDK maps them by IDNA 2003 and Unicode 3.2; browsers and curl
 * by IDNA 2008 and the newest Unicode (UTS 46, non-transitional). Where the two may differ, they may lead to hosts of
 * different owners, so such a name is refused.
 */
final class InternationalName {
    /**
     * The deviation characters of UTS 46, with the capital of the first; and fillers, which only the newer rule drops.
     */
    private static final String DIFFERENT = "\u00df\u1e9e\u03c2\u200c\u200d\u115f\u1160\u17b4\u17b5";
    /** All that separate labels (RFC 3490, section 3.1). */
    private static final Pattern DOT = Pattern.compile("[.\u3002\uff0e\uff61]");

    /** They choose how an emoji looks, and both rules drop them. */
    private static final Pattern PRESENTATION_SELECTOR = Pattern.compile("[\ufe0e\ufe0f]");

    private InternationalName() {}

    static String toAscii(String host) {
        for (int i = 0; i < host.length(); i = host.offsetByCodePoints(i, 1)) {
            if (DIFFERENT.indexOf(host.codePointAt(i)) >= 0) {
                throw refusal(host, host.codePointAt(i));
            }
        }
        String ascii = byOldRule(host);
        String[] given = DOT.split(host, -1);
        String[] mapped = DOT.split(ascii, -1);
        // A character may itself be mapped to a dot.
        boolean same = given.length == mapped.length;
        for (int i = 0; same && i < given.length; i++) {
            same = isSameByNewRule(given[i], mapped[i]);
        }
        if (!same) {
            throw refusal(host, suspect(host));
        }
        return ascii;
    }

    private static String byOldRule(String text) {
        try {
            return IDN.toASCII(text, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            throw HostSyntax.notAHost(text, e);
        } catch (IndexOutOfBoundsException e) {
            // The JDK's answer to some invalid names.
            throw HostSyntax.notAHost(text, e);
        }
    }

    /** Whether the newer rule certainly maps the label to the same. */
    private static boolean isSameByNewRule(String label, String ascii) {
        if (label.chars().allMatch(c -> c < 128)) {
            return true;
        }
        String unicode = IDN.toUnicode(ascii, IDN.ALLOW_UNASSIGNED);
        return !unicode.isEmpty()
                && unicode.equals(mappedByNewRule(label))
                && !isMark(unicode.codePointAt(0))
                && unicode.codePoints().allMatch(InternationalName::isStable);
    }

    /** Up to rare characters, what the newer rule makes of a label, with the Unicode of this JDK. */
    private static String mappedByNewRule(String label) {
        String plain = PRESENTATION_SELECTOR.matcher(label).replaceAll("");
        StringBuilder lower = new StringBuilder();
        Normalizer.normalize(plain, Normalizer.Form.NFKC)
                .codePoints()
                .map(Character::toLowerCase)
                .forEach(lower::appendCodePoint);
        return Normalizer.normalize(lower, Normalizer.Form.NFKC);
    }

    /** Whether the character was in Unicode 3.2, or is of a kind that no rule maps. */
    private static boolean isStable(int codePoint) {
        if (DIFFERENT.indexOf(codePoint) >= 0) {
            return false;
        }
        return switch (Character.getType(codePoint)) {
            case Character.FORMAT, Character.UNASSIGNED -> false;
            case Character.OTHER_LETTER,
                    Character.DECIMAL_DIGIT_NUMBER,
                    Character.MATH_SYMBOL,
                    Character.CURRENCY_SYMBOL,
                    Character.MODIFIER_SYMBOL,
                    Character.OTHER_SYMBOL -> true;
            default -> isInUnicode32(codePoint);
        };
    }

    private static boolean isInUnicode32(int codePoint) {
        try {
            return !IDN.toASCII(Character.toString(codePoint), 0).isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isMark(int codePoint) {
        int type = Character.getType(codePoint);
        return type == Character.NON_SPACING_MARK
                || type == Character.ENCLOSING_MARK
                || type == Character.COMBINING_SPACING_MARK;
    }

    /** The first character that the two rules do not map alike by itself; else the first that is not ASCII. */
    private static int suspect(String host) {
        int[] others = host.codePoints()
                .filter(c -> c > 127 && !DOT.matcher(Character.toString(c)).matches())
                .toArray();
        for (int each : others) {
            String alone = Character.toString(each);
            try {
                if (!isSameByNewRule(alone, byOldRule(alone))) {
                    return each;
                }
            } catch (IllegalArgumentException e) {
                return each;
            }
        }
        return others.length == 0 ? host.codePointAt(0) : others[0];
    }

    private static IllegalArgumentException refusal(String host, int codePoint) {
        return new IllegalArgumentException(EndpointSyntax.quoted("host", host)
                + String.format(" is not allowed: U+%04X in it", codePoint)
                + " does not mean the same by IDNA 2003 and by IDNA 2008;"
                + " write the name in its ASCII form, whose labels begin with xn--");
    }
}
