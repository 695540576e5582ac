package dev.keepalive.bench.httpclient;

import dev.keepalive.bench.loopback.LoopbackTls;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.tcp.SslProvider.GenericSslContextSpec;

/** reactor-netty's HTTP client. It calls back on the event loop. */
final class ReactorHttp implements HttpContender {
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final ConnectionProvider provider;
    private final Mono<Answer> request;

    private record Answer(int status, int bytes) {}

    ReactorHttp(HttpTarget target) {
        provider = ConnectionProvider.builder("bench")
                .maxConnections(target.connections())
                .pendingAcquireMaxCount(-1)
                .build();
        HttpClient client = HttpClient.create(provider);
        LoopbackTls tls = target.tls();
        if (tls == null) {
            client = client.protocol(HttpProtocol.HTTP11);
        } else {
            Http2SslContextSpec settings =
                    Http2SslContextSpec.forClient().configure(builder -> builder.trustManager(tls.certificate()));
            client = client.protocol(HttpProtocol.H2)
                    .secure(spec -> spec.sslContext((GenericSslContextSpec<?>) settings));
        }
        request = client.get().uri(target.uri()).responseSingle((response, body) -> body.asByteArray()
                .map(bytes -> new Answer(response.status().code(), bytes.length)));
    }

    @Override
    public RequestSender newSender() {
        return listener ->
                request.subscribe(answer -> listener.answered(answer.status, answer.bytes), listener::failed);
    }

    @Override
    public void close() {
        provider.disposeLater().block(GRACE);
    }
}
