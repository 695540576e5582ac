package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.CookieHandler;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a cookie handler adds to requests. */
@Timeout(60)
class CookieHandlerTest {
    private record Stored(List<String> cookies) {
        CookieHandler handler() {
            return new CookieHandler() {
                @Override
                public Map<String, List<String>> get(URI uri, Map<String, List<String>> headers) {
                    return Map.of("Cookie", cookies);
                }

                @Override
                public void put(URI uri, Map<String, List<String>> headers) {}
            };
        }
    }

    @Test
    void cookiesThatCannotBeAFieldsValueAreLeftOut() throws Exception {
        Stored stored = new Stored(List.of("a=1", "b=\u0100", "c=2\r\nX-Evil: 1", "d=4"));
        try (EchoServer server = EchoServer.start();
                KeepaliveHttpClient client = KeepaliveHttpClient.newBuilder()
                        .cookieHandler(stored.handler())
                        .build()) {
            client.send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.discarding());

            assertThat(server.lastHeaders().get("Cookie")).containsExactly("a=1; d=4");
            assertThat(server.lastHeaders()).doesNotContainKey("X-Evil");
        }
    }
}
