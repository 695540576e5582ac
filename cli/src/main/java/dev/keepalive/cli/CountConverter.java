package dev.keepalive.cli;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a whole number of at least 1. */
final class CountConverter implements ITypeConverter<Integer> {
    private static final Pattern NUMBER = Pattern.compile("0*[0-9]{1,10}");

    @Override
    public Integer convert(String value) {
        Long number = number(value);
        if (number == null || number < 1 || number > Integer.MAX_VALUE) {
            throw new TypeConversionException(
                    "'" + value + "' is not allowed: a whole number, 1 to " + Integer.MAX_VALUE);
        }
        return number.intValue();
    }

    /** The number that is written in the digits 0 to 9, without a sign; or null. The JDK reads more than that. */
    static @Nullable Long number(String text) {
        return NUMBER.matcher(text).matches() ? Long.valueOf(text) : null;
    }
}
