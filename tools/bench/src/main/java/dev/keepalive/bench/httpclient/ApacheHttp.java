package dev.keepalive.bench.httpclient;

import dev.keepalive.bench.loopback.LoopbackTls;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.async.methods.SimpleRequestProducer;
import org.apache.hc.client5.http.async.methods.SimpleResponseConsumer;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.io.CloseMode;

/** Apache's asynchronous HTTP client; for HTTP/2 the one that shares a connection. */
final class ApacheHttp implements HttpContender {
    private final CloseableHttpAsyncClient client;
    private final SimpleHttpRequest request;

    ApacheHttp(HttpTarget target) {
        LoopbackTls tls = target.tls();
        if (tls == null) {
            client = HttpAsyncClients.custom()
                    .setConnectionManager(PoolingAsyncClientConnectionManagerBuilder.create()
                            .setMaxConnPerRoute(target.connections())
                            .setMaxConnTotal(target.connections())
                            .build())
                    .build();
        } else {
            client = HttpAsyncClients.customHttp2()
                    .setTlsStrategy(ClientTlsStrategyBuilder.create()
                            .setSslContext(tls.clientContext())
                            .buildAsync())
                    .build();
        }
        client.start();
        request = SimpleRequestBuilder.get(target.uri()).build();
    }

    @Override
    public RequestSender newSender() {
        return listener -> client.execute(
                SimpleRequestProducer.create(SimpleRequestBuilder.copy(request).build()),
                SimpleResponseConsumer.create(),
                new FutureCallback<>() {
                    @Override
                    public void completed(SimpleHttpResponse answer) {
                        byte[] body = answer.getBodyBytes();
                        listener.answered(answer.getCode(), body == null ? 0 : body.length);
                    }

                    @Override
                    public void failed(Exception cause) {
                        listener.failed(cause);
                    }

                    @Override
                    public void cancelled() {
                        listener.failed(new IllegalStateException("cancelled"));
                    }
                });
    }

    @Override
    public void close() {
        client.close(CloseMode.IMMEDIATE);
    }
}
