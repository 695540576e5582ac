package dev.keepalive.http;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** A response as the program gets it. Immutable. */
final class ClientResponse<T extends @Nullable Object> implements HttpResponse<T> {
    private final HttpRequest request;
    private final ResponseHead head;
    private final @Nullable ClientResponse<T> previous;
    private final T body;

    ClientResponse(HttpRequest request, ResponseHead head, @Nullable ClientResponse<T> previous, T body) {
        this.request = request;
        this.head = head;
        this.previous = previous;
        this.body = body;
    }

    /** A response that led to another request: its body is not for the program. */
    @SuppressWarnings("NullAway") // the API says that there may be none
    static <T> ClientResponse<T> withoutBody(
            HttpRequest request, ResponseHead head, @Nullable ClientResponse<T> previous) {
        return new ClientResponse<>(request, head, previous, null);
    }

    @Override
    public int statusCode() {
        return head.statusCode();
    }

    @Override
    public HttpRequest request() {
        return request;
    }

    @Override
    public Optional<HttpResponse<T>> previousResponse() {
        return Optional.ofNullable(previous);
    }

    @Override
    public HttpHeaders headers() {
        return head.headers();
    }

    @Override
    public T body() {
        return body;
    }

    @Override
    public Optional<SSLSession> sslSession() {
        return head.sslSession();
    }

    @Override
    public URI uri() {
        return request.uri();
    }

    @Override
    public HttpClient.Version version() {
        return head.version();
    }

    @Override
    public String toString() {
        return "(" + request.method() + " " + request.uri() + ") " + head.statusCode();
    }
}
