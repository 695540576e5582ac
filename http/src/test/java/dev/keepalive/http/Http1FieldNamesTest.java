package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Names of fields are remembered from one response to the next on a connection. */
class Http1FieldNamesTest {
    private static final String LONG = "X" + "-long".repeat(20);

    private final Http1ResponseDecoder decoder = new Http1ResponseDecoder(HttpOptions.DEFAULTS);
    private final EmbeddedChannel channel = new EmbeddedChannel(decoder);

    @Test
    void namesThatBeginAndEndTheSameAreToldApart() {
        assertThat(read("X-One", "X-Ane", "x-One")).containsExactly("X-One", "X-Ane", "x-One");
        assertThat(read("X-Ane", "X-One", "X-onE")).containsExactly("X-Ane", "X-One", "X-onE");
    }

    @Test
    void aNameIsMadeOnceForEachConnection() {
        List<String> first = read("Content-Type", LONG);
        List<String> second = read("Content-Type", LONG);

        assertThat(second).isEqualTo(first);
        assertThat(second.get(0)).isSameAs(first.get(0));
        assertThat(second.get(1)).as("a long one is not kept").isNotSameAs(first.get(1));
    }

    private List<String> read(String... names) {
        decoder.requestBegins("GET");
        channel.writeInbound(Unpooled.copiedBuffer(
                "HTTP/1.1 204 No\r\n" + String.join(": value\r\n", names) + ": value\r\n\r\n",
                StandardCharsets.US_ASCII));
        List<String> found = new ArrayList<>();
        Http1Messages.fields((HttpResponse) channel.readInbound(), decoder).forEach((name, value) -> found.add(name));
        channel.releaseInbound();
        return found;
    }
}
