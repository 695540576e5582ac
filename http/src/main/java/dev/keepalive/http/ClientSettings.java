package dev.keepalive.http;

import dev.keepalive.Endpoint;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * What a client was built with. Immutable, except for the objects of the program.
 *
 * @param executor null for the client's own
 * @param proxy null for the JVM's default
 * @param route the way to each server that no proxy of the selector leads to
 * @param responseTimeout how long an exchange may take on its connection; null for no limit
 * @param maxRedirects most redirects that one call follows
 * @param maxAuthentications most answers of the authenticator that are tried for one request
 */
record ClientSettings(
        @Nullable CookieHandler cookieHandler,
        @Nullable Duration connectTimeout,
        SSLContext sslContext,
        @Nullable SSLParameters sslParameters,
        @Nullable Executor executor,
        Redirect followRedirects,
        Version version,
        @Nullable ProxySelector proxy,
        UnaryOperator<Endpoint> route,
        @Nullable Duration responseTimeout,
        @Nullable Authenticator authenticator,
        int maxRedirects,
        int maxAuthentications,
        @Nullable HttpExchangeListener listener,
        HttpOptions options) {}
