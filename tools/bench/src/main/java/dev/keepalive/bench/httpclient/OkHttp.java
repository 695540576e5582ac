package dev.keepalive.bench.httpclient;

import dev.keepalive.bench.loopback.LoopbackTls;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;

/** OkHttp. Its threads read and write the sockets themselves: those of its dispatcher, or the caller's. */
final class OkHttp implements HttpContender {
    private static final int KEEP_ALIVE_MINUTES = 5;

    private final OkHttpClient client;
    private final Request request;

    OkHttp(HttpTarget target) {
        Dispatcher dispatcher = new Dispatcher();
        dispatcher.setMaxRequests(target.connections());
        dispatcher.setMaxRequestsPerHost(target.connections());
        OkHttpClient.Builder builder = new OkHttpClient.Builder()
                .dispatcher(dispatcher)
                .connectionPool(new ConnectionPool(target.connections(), KEEP_ALIVE_MINUTES, TimeUnit.MINUTES));
        LoopbackTls tls = target.tls();
        if (tls == null) {
            builder.protocols(List.of(Protocol.HTTP_1_1));
        } else {
            builder.protocols(List.of(Protocol.HTTP_2, Protocol.HTTP_1_1))
                    .sslSocketFactory(tls.clientContext().getSocketFactory(), tls.clientTrust());
        }
        client = builder.build();
        request = new Request.Builder().url(target.uri().toString()).build();
    }

    @Override
    public RequestSender newSender() {
        return listener -> client.newCall(request).enqueue(new Callback() {
            @Override
            public void onFailure(Call call, IOException cause) {
                listener.failed(cause);
            }

            @Override
            public void onResponse(Call call, Response response) throws IOException {
                int bytes = response.body().bytes().length;
                listener.answered(response.code(), bytes);
            }
        });
    }

    @Override
    public BlockingRequest newBlockingRequest(HttpTarget target) {
        return () -> {
            try (Response response = client.newCall(request).execute()) {
                target.check(response.code(), response.body().bytes().length);
            }
        };
    }

    @Override
    public void close() {
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }
}
