package dev.keepalive.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a duration: {@code 500ms}, {@code 15s}, {@code 2m}, or a number of seconds. */
final class DurationConverter implements ITypeConverter<Duration> {
    private static final String ALLOWED = "use 500ms, 15s, 2m, or a number of seconds, more than zero";
    private static final Pattern FORM = Pattern.compile("(-?[0-9]{1,18}(?:\\.[0-9]{1,18})?)(ms|s|m|)");

    @Override
    public Duration convert(String value) {
        Matcher form = FORM.matcher(value);
        if (!form.matches()) {
            throw new TypeConversionException("'" + value + "' is not a duration: " + ALLOWED);
        }
        BigDecimal nanos = new BigDecimal(form.group(1)).multiply(BigDecimal.valueOf(nanosPer(form.group(2))));
        if (nanos.compareTo(BigDecimal.ONE) < 0) {
            throw new TypeConversionException("'" + value + "' is not allowed: " + ALLOWED);
        }
        if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new TypeConversionException("'" + value + "' is too long: at most 292 years");
        }
        return Duration.ofNanos(nanos.longValue());
    }

    /** The duration as it may be written: {@code 1.5s}. */
    static String text(Duration duration) {
        return BigDecimal.valueOf(duration.toNanos(), 9).stripTrailingZeros().toPlainString() + "s";
    }

    private static long nanosPer(String unit) {
        return switch (unit) {
            case "ms" -> 1_000_000L;
            case "m" -> 60_000_000_000L;
            default -> 1_000_000_000L;
        };
    }
}
