package dev.keepalive.http;

import java.net.http.HttpClient;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * What a lease gives to the client: one exchange on a connection. With HTTP/1.1 it has the whole connection, with
 * HTTP/2 one stream of it. Safe from any thread; never blocks.
 *
 * <p>It ends its lease by itself, before the last event of the exchange: it releases the lease if the connection can
 * serve the next exchange, and invalidates it otherwise.
 */
interface HttpConnection {
    HttpClient.Version version();

    /** The TLS session; null in the clear. */
    @Nullable
    SSLSession tlsSession();

    /**
     * Sends a request, and tells the events of its response. Once per lease.
     *
     * @return the means to control the exchange, which may have ended already
     */
    HttpExchangeControl exchange(RequestHead head, RequestBody body, ExchangeEvents events);
}
