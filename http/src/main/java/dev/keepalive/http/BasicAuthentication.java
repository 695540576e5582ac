package dev.keepalive.http;

import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.MalformedURLException;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.URI;
import java.net.URL;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Basic authentication (RFC 7617) at servers and proxies, with what an {@link Authenticator} says. What a server has
 * accepted is sent at once with later requests to the same protection space. Safe from any thread.
 */
final class BasicAuthentication {
    private static final int MOST_KEPT = 1_000;
    private static final int UNAUTHORIZED = 401;
    private static final int PROXY_AUTHENTICATION_REQUIRED = 407;

    /**
     * Values of the fields Authorization and Proxy-Authorization; null if there is none.
     *
     * @param serverTries how many of the Authenticator's answers were tried at the server
     * @param proxyTries how many at the proxy
     */
    record Credentials(@Nullable String server, @Nullable String proxy, int serverTries, int proxyTries) {
        static final Credentials NONE = new Credentials(null, null, 0, 0);

        /** What the request says; a proxy's tunnel has been asked for with the proxy's credentials. */
        void addTo(HeaderFields fields, boolean isForProxy) {
            if (server != null) {
                fields.add(RequestHeaders.AUTHORIZATION, server);
            }
            if (proxy != null && isForProxy) {
                fields.add(RequestHeaders.PROXY_AUTHORIZATION, proxy);
            }
        }
    }

    /** What a server has accepted, for all paths that begin so (RFC 7617, section 2.2). */
    private record Accepted(String pathPrefix, String value) {}

    private final @Nullable Authenticator authenticator;
    private final int maxTries;
    private final boolean speaksToProxies = isAllowed("jdk.http.auth.proxying.disabledSchemes");
    private final boolean opensTunnels = isAllowed("jdk.http.auth.tunneling.disabledSchemes");
    private final Map<String, Accepted> ofServers = new ConcurrentHashMap<>();
    private final Map<String, String> ofProxies = new ConcurrentHashMap<>();

    BasicAuthentication(@Nullable Authenticator authenticator, int maxTries) {
        this.authenticator = authenticator;
        this.maxTries = maxTries;
    }

    /** Whether a system property that says which schemes the JDK's clients do not use for proxies leaves this one. */
    private static boolean isAllowed(String property) {
        return Stream.of(System.getProperty(property, "").split(","))
                .noneMatch(each -> each.strip().equalsIgnoreCase("Basic"));
    }

    /**
     * What is sent at once: what was accepted before, unless the request brings its own. Its own credentials for a
     * proxy are for the proxy's tunnel, if there is one.
     */
    Credentials known(ClientRequest request, Destination to) {
        Accepted server = ofServers.get(to.origin());
        String forServer = server != null
                        && path(request.uri()).startsWith(server.pathPrefix)
                        && !brings(request, RequestHeaders.AUTHORIZATION)
                ? server.value
                : null;
        String forProxy = to.isOfHttpProxy() ? knownOfProxy(request, to) : null;
        return forServer == null && forProxy == null ? Credentials.NONE : new Credentials(forServer, forProxy, 0, 0);
    }

    private @Nullable String knownOfProxy(ClientRequest request, Destination to) {
        Optional<String> own = request.headers().firstValue(RequestHeaders.PROXY_AUTHORIZATION);
        if (own.isPresent()) {
            return to.wholeUri() ? null : own.get();
        }
        return to.proxy() == null ? null : ofProxies.get(name(to.proxy()));
    }

    /**
     * The request was answered, and not by a demand for credentials: those that were sent are good.
     *
     * @param byProxy whether a proxy has answered for itself, and not for the server
     */
    void accepted(ClientRequest request, Destination to, Credentials sent, int status, boolean byProxy) {
        if (sent.proxyTries() > 0 && sent.proxy() != null && to.proxy() != null && !byProxy) {
            makeRoom(ofProxies);
            ofProxies.put(name(to.proxy()), sent.proxy());
        }
        boolean demanded = status == UNAUTHORIZED || status == PROXY_AUTHENTICATION_REQUIRED;
        if (sent.serverTries() > 0 && sent.server() != null && !demanded) {
            String path = path(request.uri());
            makeRoom(ofServers);
            ofServers.put(to.origin(), new Accepted(path.substring(0, path.lastIndexOf('/') + 1), sent.server()));
        }
    }

    /** By name, since a proxy's addresses may change. */
    private static String name(Proxy proxy) {
        return proxy.address() instanceof InetSocketAddress address
                ? address.getHostString() + ":" + address.getPort()
                : proxy.toString();
    }

    private static void makeRoom(Map<?, ?> map) {
        if (map.size() >= MOST_KEPT) {
            map.clear();
        }
    }

    /**
     * What to send instead, after a response with status 401 or 407. May call the Authenticator.
     *
     * @param byProxy whether a proxy has answered for itself: a server has no use for the credentials of a proxy
     * @return null if the response is for the program: nobody can be asked, the request brings its own credentials, or
     *     the server does not offer Basic
     * @throws AuthenticationException if the Authenticator has none, or the last ones it gave were refused too
     */
    @Nullable
    Credentials answer(ClientRequest request, Destination to, Credentials sent, ResponseHead response, boolean byProxy)
            throws AuthenticationException {
        int status = response.statusCode();
        boolean proxy = status == PROXY_AUTHENTICATION_REQUIRED;
        if (authenticator == null || !proxy && status != UNAUTHORIZED || proxy && !byProxy) {
            return null;
        }
        if (byProxy && !(to.wholeUri() ? speaksToProxies : opensTunnels)) {
            return null;
        }
        if (brings(request, proxy ? RequestHeaders.PROXY_AUTHORIZATION : RequestHeaders.AUTHORIZATION)) {
            return null;
        }
        BasicChallenge challenge =
                BasicChallenge.find(response.headers().allValues(proxy ? "Proxy-Authenticate" : "WWW-Authenticate"));
        if (challenge == null) {
            return null;
        }
        int tries = proxy ? sent.proxyTries() : sent.serverTries();
        if (tries >= maxTries) {
            throw new AuthenticationException("too many authentication attempts: " + tries
                    + " were refused with status " + status + ", and the limit is " + maxTries);
        }
        forget(to, proxy);
        String value = ask(authenticator, request.uri(), to, proxy, challenge);
        return proxy
                ? new Credentials(sent.server(), value, sent.serverTries(), tries + 1)
                : new Credentials(value, sent.proxy(), tries + 1, sent.proxyTries());
    }

    private void forget(Destination to, boolean proxy) {
        if (proxy && to.proxy() != null) {
            ofProxies.remove(name(to.proxy()));
        } else {
            ofServers.remove(to.origin());
        }
    }

    private static String ask(
            Authenticator authenticator, URI uri, Destination to, boolean proxy, BasicChallenge challenge)
            throws AuthenticationException {
        String host = to.endpoint().host();
        int port = to.endpoint().port();
        if (proxy && to.proxy() != null && to.proxy().address() instanceof InetSocketAddress address) {
            host = address.getHostString();
            port = address.getPort();
        }
        PasswordAuthentication found = authenticator.requestPasswordAuthenticationInstance(
                host,
                null,
                port,
                to.scheme(),
                challenge.realm(),
                "basic",
                url(uri),
                proxy ? Authenticator.RequestorType.PROXY : Authenticator.RequestorType.SERVER);
        if (found == null) {
            throw new AuthenticationException("No credentials provided: the Authenticator has none for "
                    + (proxy ? "proxy " : "") + host + ':' + port + ", realm '" + challenge.realm() + "'");
        }
        Charset charset = challenge.utf8() ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        byte[] both = (found.getUserName() + ':' + new String(found.getPassword())).getBytes(charset);
        return "Basic " + Base64.getEncoder().encodeToString(both);
    }

    private static @Nullable URL url(URI uri) {
        try {
            return uri.toURL();
        } catch (MalformedURLException e) {
            return null;
        }
    }

    private static boolean brings(ClientRequest request, String name) {
        return request.headers().firstValue(name).isPresent();
    }

    private static String path(URI uri) {
        String path = uri.getRawPath();
        return path == null || path.isEmpty() ? "/" : path;
    }

    /** Whether this status asks for credentials. */
    static boolean demands(int status) {
        return status == UNAUTHORIZED || status == PROXY_AUTHENTICATION_REQUIRED;
    }
}
