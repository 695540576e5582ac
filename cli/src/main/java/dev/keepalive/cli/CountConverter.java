package dev.keepalive.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a whole number of at least 1. */
final class CountConverter implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
        int count = number(value);
        if (count < 1) {
            throw notAllowed(value);
        }
        return count;
    }

    private static int number(String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw notAllowed(value);
        }
    }

    private static TypeConversionException notAllowed(String value) {
        return new TypeConversionException("'" + value + "' is not allowed: a whole number, 1 to " + Integer.MAX_VALUE);
    }
}
