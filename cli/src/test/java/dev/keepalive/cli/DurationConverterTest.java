package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationConverterTest {
    @ParameterizedTest
    @CsvSource({
        "500ms, PT0.5S",
        "15s, PT15S",
        "2m, PT2M",
        "7, PT7S",
        "0.25, PT0.25S",
        "1.5ms, PT0.0015S",
        "0.000000001, PT0.000000001S",
        "8760000000s, PT2433333H20M"
    })
    void durationIsReadAsWritten(String written, Duration meant) {
        assertThat(new DurationConverter().convert(written)).isEqualTo(meant);
    }
}
