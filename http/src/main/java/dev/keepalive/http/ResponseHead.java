package dev.keepalive.http;

import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** What is known of a response before its body. */
record ResponseHead(int statusCode, HttpHeaders headers, HttpClient.Version version, @Nullable SSLSession tlsSession)
        implements ResponseInfo {
    Optional<SSLSession> sslSession() {
        return Optional.ofNullable(tlsSession);
    }
}
