package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines at their limit of 10 bytes, however the input arrives. */
class LineDecoderTest {
    private static final String TOO_LONG = "<too long>";

    @ParameterizedTest
    @CsvSource(
            delimiter = '=',
            value = {
                "0123456789\\r\\n = 0123456789",
                "0123456789\\n = 0123456789",
                "0123456789\\r\\n0123456789\\r\\n = 0123456789,0123456789",
                "01234567890\\n = <too long>",
                "01234567890\\r\\n = <too long>",
                "0123456789\\r\\r\\n = <too long>",
                "0123456789\\rx\\n = <too long>",
                "01234567890 = <too long>",
                "012345678\\r\\r\\n = 012345678\\r",
                "ok\\n01234567890\\nnext\\n = ok,<too long>",
                "\\r\\n\\na\\r\\nrest = ,,a",
                "0123ääää\\r\\n = <too long>",
                "01ääää\\r\\n = 01ääää"
            })
    void theCutOfTheInputDecidesNothing(String escaped, String expected) {
        byte[] input = unescape(escaped).getBytes(StandardCharsets.UTF_8);
        List<String> lines = List.of(unescape(expected == null ? "" : expected).split(",", -1));

        for (int i = 0; i <= input.length; i++) {
            for (int j = i; j <= input.length; j++) {
                assertThat(decode(
                                Arrays.copyOf(input, i),
                                Arrays.copyOfRange(input, i, j),
                                Arrays.copyOfRange(input, j, input.length)))
                        .as("cut at %d and %d", i, j)
                        .isEqualTo(lines);
            }
        }
        byte[][] bytes = new byte[input.length][];
        for (int i = 0; i < input.length; i++) {
            bytes[i] = new byte[] {input[i]};
        }
        assertThat(decode(bytes)).isEqualTo(lines);
    }

    @Test
    void theErrorNamesTheLimit() {
        assertThat(errorOf("01234567890")).isEqualTo("a line has at least 11 bytes, and 10 are allowed");
        assertThat(errorOf("012345678901\r\n")).isEqualTo("a line has 12 bytes, and 10 are allowed");
    }

    private static String errorOf(String input) {
        EmbeddedChannel channel = new EmbeddedChannel(new LineDecoder(10));
        try {
            channel.writeInbound(Unpooled.copiedBuffer(input, StandardCharsets.UTF_8));
            return "none";
        } catch (TooLongFrameException e) {
            return e.getMessage();
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    private static String unescape(String text) {
        return text.replace("\\r", "\r").replace("\\n", "\n");
    }

    private static List<String> decode(byte[]... pieces) {
        EmbeddedChannel channel = new EmbeddedChannel(
                Framing.lines(StandardCharsets.UTF_8, 10).newHandlers().toArray(ChannelHandler[]::new));
        boolean tooLong = false;
        for (byte[] piece : pieces) {
            if (piece.length > 0) {
                try {
                    channel.writeInbound(Unpooled.copiedBuffer(piece));
                } catch (TooLongFrameException e) {
                    tooLong = true;
                }
            }
        }
        List<String> lines = new ArrayList<>();
        for (String line = channel.readInbound(); line != null; line = channel.readInbound()) {
            lines.add(line);
        }
        if (tooLong) {
            lines.add(TOO_LONG);
        }
        channel.finishAndReleaseAll();
        return lines;
    }
}
