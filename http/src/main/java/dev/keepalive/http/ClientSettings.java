package dev.keepalive.http;

import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.time.Duration;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * What a client was built with. Immutable, except for the objects of the program.
 *
 * @param executor null for the client's own
 * @param proxy null for the JVM's default
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
        @Nullable Authenticator authenticator,
        int maxRedirects,
        int maxAuthentications,
        @Nullable HttpExchangeListener listener,
        HttpOptions options) {}
