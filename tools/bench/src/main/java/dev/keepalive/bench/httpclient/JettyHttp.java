package dev.keepalive.bench.httpclient;

import dev.keepalive.bench.loopback.LoopbackTls;
import java.net.URI;
import org.eclipse.jetty.client.BufferingResponseListener;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Jetty's HTTP client. */
final class JettyHttp implements HttpContender {
    private static final int MOST_QUEUED = 100_000;

    private final HttpClient client;
    private final URI uri;

    JettyHttp(HttpTarget target) {
        ClientConnector connector = new ClientConnector();
        LoopbackTls tls = target.tls();
        if (tls == null) {
            client = new HttpClient(new HttpClientTransportOverHTTP(connector));
        } else {
            SslContextFactory.Client factory = new SslContextFactory.Client();
            factory.setSslContext(tls.clientContext());
            connector.setSslContextFactory(factory);
            client = new HttpClient(new HttpClientTransportOverHTTP2(new HTTP2Client(connector)));
        }
        client.setMaxConnectionsPerDestination(target.connections());
        client.setMaxRequestsQueuedPerDestination(MOST_QUEUED);
        uri = target.uri();
        try {
            client.start();
        } catch (Exception e) {
            throw new IllegalStateException("Jetty's client does not start: " + e, e);
        }
    }

    @Override
    public RequestSender newSender() {
        return listener -> client.newRequest(uri).send(new BufferingResponseListener() {
            @Override
            public void onComplete(Result result) {
                if (result.isFailed()) {
                    listener.failed(result.getFailure());
                } else {
                    byte[] body = getContent();
                    listener.answered(result.getResponse().getStatus(), body == null ? 0 : body.length);
                }
            }
        });
    }

    @Override
    public void close() {
        try {
            client.stop();
        } catch (Exception e) {
            throw new IllegalStateException("Jetty's client does not stop: " + e, e);
        }
    }
}
