package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.Authenticator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The credentials for a proxy go to the proxy that has asked for them. */
@Timeout(60)
class ProxyCredentialsTest {
    private HttpServer proxy;

    @BeforeEach
    void open() throws IOException {
        proxy = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        proxy.createContext("/", exchange -> {
            boolean known = exchange.getRequestHeaders().containsKey("Proxy-Authorization");
            if (!known) {
                exchange.getResponseHeaders().set("Proxy-Authenticate", "Basic realm=\"test\"");
            }
            exchange.sendResponseHeaders(known ? 200 : 407, -1);
            exchange.close();
        });
        proxy.start();
    }

    @AfterEach
    void close() {
        proxy.stop(0);
    }

    /** The proxy first; then it would be none. */
    private final class OnceThisProxy extends ProxySelector {
        final AtomicInteger asked = new AtomicInteger();

        @Override
        public List<Proxy> select(URI uri) {
            boolean first = asked.incrementAndGet() == 1;
            return List.of(first ? new Proxy(Proxy.Type.HTTP, proxy.getAddress()) : Proxy.NO_PROXY);
        }

        @Override
        public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
    }

    @Test
    void theSelectorIsAskedOnce() throws Exception {
        OnceThisProxy selector = new OnceThisProxy();
        Authenticator authenticator = new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication("user", "secret".toCharArray());
            }
        };
        try (KeepaliveHttpClient client = KeepaliveHttpClient.newBuilder()
                .proxy(selector)
                .authenticator(authenticator)
                .build()) {
            URI uri = URI.create("http://service.invalid/");

            assertThat(client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(selector.asked).hasValue(1);
        }
    }
}
