package dev.keepalive.http;

import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The proxies that a selector names. Safe from any thread, if the selector is. */
final class ProxyChoice {
    private static final List<Proxy> DIRECT = List.of(Proxy.NO_PROXY);

    private final @Nullable ProxySelector selector;

    ProxyChoice(@Nullable ProxySelector selector) {
        this.selector = selector;
    }

    /** The ways to try, one after the other: not empty. Calls the selector, which may block. */
    List<Proxy> ways(URI uri) {
        if (selector == null) {
            return DIRECT;
        }
        List<Proxy> chosen = selector.select(uri);
        return chosen == null || chosen.isEmpty() ? DIRECT : List.copyOf(chosen);
    }

    /** Tells the selector that a proxy cannot be reached. */
    void failed(URI uri, Proxy proxy, IOException failure) {
        if (selector == null) {
            return;
        }
        try {
            selector.connectFailed(uri, proxy.address(), failure);
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }
}
