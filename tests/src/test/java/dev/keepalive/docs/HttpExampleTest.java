package dev.keepalive.docs;

import static io.netty.handler.codec.http.HttpHeaderNames.HOST;
import static io.netty.handler.codec.http.HttpMethod.GET;
import static io.netty.handler.codec.http.HttpStatusClass.INFORMATIONAL;
import static io.netty.handler.codec.http.HttpVersion.HTTP_1_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.netty.RequestException;
import dev.keepalive.netty.RequestResponse;
import dev.keepalive.netty.Requests;
import dev.keepalive.netty.testkit.EmbeddedConnector;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The HTTP recipe of docs/cookbook.md, which stands here word by word. */
class HttpExampleTest {
    private static final Endpoint SITE = Endpoint.parse("http://site.example");

    private final EmbeddedConnector<Requests<FullHttpRequest, FullHttpResponse>> site = EmbeddedConnector.of(HTTP);

    static final RequestResponse<FullHttpRequest, FullHttpResponse> HTTP =
            RequestResponse.<FullHttpRequest, FullHttpResponse>of(FullHttpResponse.class, pipeline -> pipeline.addLast(
                                    new HttpRequestEncoder(), new HttpResponseDecoder())
                            .addLast(new FinalResponses(), new HttpObjectAggregator(1 << 20)))
                    .withAnswerTimeout(Duration.ofSeconds(30));

    /** Drops interim responses, such as 103: the final one follows (RFC 9110, section 15.2). */
    static final class FinalResponses extends ChannelInboundHandlerAdapter {
        private boolean interim;

        @Override
        public void channelRead(ChannelHandlerContext context, Object part) {
            interim = part instanceof HttpResponse head ? head.status().codeClass() == INFORMATIONAL : interim;
            if (interim) {
                ReferenceCountUtil.release(part);
            } else {
                context.fireChannelRead(part);
            }
        }
    }

    static String get(
            ConnectionManager<Requests<FullHttpRequest, FullHttpResponse>> connections, Endpoint site, String path)
            throws Exception {
        return connections.blocking().use(site, lease -> {
            var request = new DefaultFullHttpRequest(HTTP_1_1, GET, path);
            request.headers().set(HOST, NetUtil.toSocketAddressString(site.host(), site.port()));
            FullHttpResponse response = lease.connection().call(request);
            try {
                if (!HttpUtil.isKeepAlive(response)) {
                    lease.invalidate(); // the server ends the connection
                }
                return response.status() + " " + response.content().toString(UTF_8); // a 404 is an answer as well
            } finally {
                response.release();
            }
        });
    }

    @Test
    void requestsShareAConnection() throws Exception {
        site.nextPeer()
                .expect("GET /a HTTP/1.1\r\nhost: site.example:80\r\n\r\n")
                .send("HTTP/1.1 103 Early Hints\r\n\r\n")
                .send("HTTP/1.1 200 OK\r\ncontent-le", "ngth: 2\r\n\r\nh", "i")
                .expect("GET /b HTTP/1.1\r\nhost: site.example:80\r\n\r\n")
                .send("HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
                .expectEnd();
        try (var connections = site.managerBuilder().build()) {
            assertThat(get(connections, SITE, "/a")).isEqualTo("200 OK hi");
            assertThat(get(connections, SITE, "/b")).isEqualTo("404 Not Found ");
            site.check();
        }
    }

    @Test
    void responseThatIsCutOffIsNoResponse() throws Exception {
        site.nextPeer()
                .expect("GET /a HTTP/1.1\r\nhost: site.example:80\r\n\r\n")
                .send("HTTP/1.1 200 OK\r\ncontent-le")
                .close();
        try (var connections = site.managerBuilder().build()) {
            assertThatThrownBy(() -> get(connections, SITE, "/a")).isInstanceOf(RequestException.class);
        }
    }

    @Test
    void responseThatCannotBeDecodedEndsTheConnection() throws Exception {
        site.nextPeer()
                .expect("GET /a HTTP/1.1\r\nhost: site.example:80\r\n\r\n")
                .send("HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n")
                .expectEnd();
        try (var connections = site.managerBuilder().build()) {
            assertThatThrownBy(() -> get(connections, SITE, "/a")).isInstanceOf(RequestException.class);
            site.check();
        }
    }
}
