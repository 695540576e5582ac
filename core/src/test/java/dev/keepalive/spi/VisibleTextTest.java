package dev.keepalive.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Phase;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VisibleTextTest {
    @Test
    void controlAndFormatCharactersAreVisible() {
        Map<String, String> visible = Map.of(
                "a\u001b]52;c;eA==\u0007b", "a\\u001B]52;c;eA==\\u0007b",
                "a\r\nb\tc", "a\\u000D\\u000Ab\\u0009c",
                "a\u009b2Jb", "a\\u009B2Jb",
                "a\u007fb", "a\\u007Fb",
                "a\u202eb\u2066c", "a\\u202Eb\\u2066c",
                "a\u2028b\u2029c", "a\\u2028b\\u2029c",
                "a\u200bb\ufeffc\u00add", "a\\u200Bb\\uFEFFc\\u00ADd",
                "a\udb40\udc41b", "a\\U000E0041b",
                "a\ud800b", "a\\uD800b");
        visible.forEach((text, expected) -> {
            assertThat(VisibleText.of(text)).isEqualTo(expected);
            assertThat(VisibleText.ofAny(text)).isEqualTo(expected);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain text", "b\u00fccher \u4f8b\u3048 \ud83d\ude00", "\\u001B"})
    void everyOtherTextStaysAsItIs(String text) {
        assertThat(VisibleText.of(text)).isSameAs(text);
        assertThat(VisibleText.ofAny(text)).isSameAs(text);
    }

    @Test
    void aLongTextIsCutAt200Characters() {
        String longest = "x".repeat(200);
        assertThat(VisibleText.of(longest)).isSameAs(longest);
        assertThat(VisibleText.of(longest + "y")).hasSize(200).startsWith("xxx").endsWith("x...");
        assertThat(VisibleText.of("\u001b".repeat(1_000_000))).hasSize(200).endsWith("...");
        assertThat(VisibleText.of("\ud83d\ude00".repeat(200)))
                .hasSizeLessThanOrEqualTo(200)
                .doesNotContain("\\u");
        assertThat(VisibleText.ofAny("x".repeat(1_000_000))).hasSize(1_000_000);
    }

    @Test
    void theTextOfADialFailureIsVisible() {
        DialException failure = new DialException(Phase.PROXY, 0, "\u001b[2J" + "x".repeat(1_000), null);
        assertThat(failure.text()).isEqualTo("\\u001B[2J" + "x".repeat(1_000));
        assertThat(failure).hasMessage(failure.text());
    }
}
