package dev.keepalive.bench.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.bench.Figure;
import dev.keepalive.bench.FigureCapture;
import dev.keepalive.testservers.InstalledPrograms;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisMeasurementTest {
    @ParameterizedTest
    @ValueSource(strings = {"keepalive", "lettuce"})
    void commandsAreAnsweredBesideThoseOfJedis(String contender) {
        InstalledPrograms.program("redis-server", "redis-server");

        List<Figure> figures = FigureCapture.of(
                new RedisMeasurement(),
                "--contender",
                contender,
                "--rounds",
                "2",
                "--commands",
                "1000",
                "--warm-up",
                "0");

        assertThat(figures).noneMatch(Figure::failed).allMatch(figure -> figure.workload()
                .equals("W10"));
        assertThat(FigureCapture.labels(figures)).contains("64 threads: x jedis", "64 threads: B over jedis");
    }

    @Test
    void pipelinedCommandsAreAnsweredBesideThoseOfLettuce() {
        InstalledPrograms.program("redis-server", "redis-server");

        List<Figure> figures = FigureCapture.of(
                new RedisMeasurement(),
                "--contender",
                "keepalive-pipelined",
                "--rounds",
                "2",
                "--commands",
                "1000",
                "--warm-up",
                "0");

        assertThat(figures).noneMatch(Figure::failed);
        assertThat(FigureCapture.labels(figures)).contains("64 threads, one connection: x lettuce");
    }

    @Test
    void anUnknownContenderBecomesAFailedFigure() {
        InstalledPrograms.program("redis-server", "redis-server");

        assertThat(FigureCapture.of(new RedisMeasurement(), "--contender", "unknown"))
                .singleElement()
                .satisfies(figure -> assertThat(figure.unit())
                        .isEqualTo("contender 'unknown' is not known: one of [keepalive, keepalive-pipelined,"
                                + " jedis, lettuce]"));
    }

    @Test
    void answersAreDecodedInPiecesOfAnySize() {
        byte[] wire = "+OK\r\n-ERR no\r\n:7\r\n$5\r\na\r\nbc\r\n$-1\r\n$0\r\n\r\n".getBytes(StandardCharsets.UTF_8);
        for (int size = 1; size <= wire.length; size++) {
            EmbeddedChannel channel = new EmbeddedChannel(new RespDecoder());
            for (int begin = 0; begin < wire.length; begin += size) {
                int length = Math.min(size, wire.length - begin);
                channel.writeInbound(Unpooled.copiedBuffer(wire, begin, length));
            }
            List<RespValue> answers = new ArrayList<>();
            for (RespValue next = channel.readInbound(); next != null; next = channel.readInbound()) {
                answers.add(next);
            }
            assertThat(answers)
                    .as("in pieces of %d", size)
                    .containsExactly(
                            new RespValue('+', "OK"),
                            new RespValue('-', "ERR no"),
                            new RespValue(':', "7"),
                            new RespValue('$', "a\r\nbc"),
                            new RespValue('$', null),
                            new RespValue('$', ""));
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void aCommandIsEncodedAsAnArrayOfTexts() {
        EmbeddedChannel channel = new EmbeddedChannel(new RespEncoder());

        channel.writeOutbound((Object) new String[] {"SET", "ä", "1"});

        ByteBuf wire = channel.readOutbound();
        assertThat(wire.toString(StandardCharsets.UTF_8)).isEqualTo("*3\r\n$3\r\nSET\r\n$2\r\nä\r\n$1\r\n1\r\n");
        wire.release();
        channel.finishAndReleaseAll();
    }
}
