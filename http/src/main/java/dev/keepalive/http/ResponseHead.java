package dev.keepalive.http;

import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** What is known of a response before its body. Immutable: the fields are not changed any more. */
final class ResponseHead implements ResponseInfo {
    private final int statusCode;
    private final HeaderFields fields;
    private final HttpClient.Version version;
    private final @Nullable SSLSession tlsSession;

    /** Made when they are asked for, since many a program never does. */
    private volatile @Nullable HttpHeaders headers;

    ResponseHead(int statusCode, HeaderFields fields, HttpClient.Version version, @Nullable SSLSession tlsSession) {
        this.statusCode = statusCode;
        this.fields = fields;
        this.version = version;
        this.tlsSession = tlsSession;
    }

    @Override
    public int statusCode() {
        return statusCode;
    }

    @Override
    public HttpHeaders headers() {
        HttpHeaders known = headers;
        if (known == null) {
            known = fields.toHttpHeaders();
            headers = known;
        }
        return known;
    }

    @Override
    public HttpClient.Version version() {
        return version;
    }

    Optional<SSLSession> sslSession() {
        return Optional.ofNullable(tlsSession);
    }
}
