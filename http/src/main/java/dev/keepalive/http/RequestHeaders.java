package dev.keepalive.http;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.CookieHandler;
import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes the header fields of a request: those of the program, the cookies and what the client adds by itself. */
final class RequestHeaders {
    static final String AUTHORIZATION = "Authorization";
    static final String PROXY_AUTHORIZATION = "Proxy-Authorization";

    private static final String HOST = "Host";
    private static final String COOKIE = "Cookie";
    private static final String USER_AGENT = "User-Agent";
    private static final Logger LOGGER = System.getLogger(KeepaliveHttpClient.class.getName());
    private static final String AGENT = "Keepalive-Http/"
            + Objects.requireNonNullElse(RequestHeaders.class.getPackage().getImplementationVersion(), "development");

    private RequestHeaders() {}

    /**
     * All fields of one request, but for those that the connection adds. May call the cookie handler. A cookie that
     * cannot be a field's value is left out.
     */
    static HeaderFields of(
            ClientRequest request,
            Destination destination,
            @Nullable CookieHandler cookies,
            BasicAuthentication.@Nullable Credentials credentials)
            throws IOException {
        HttpHeaders own = request.headers();
        HeaderFields fields = new HeaderFields();
        if (own.firstValue(USER_AGENT).isEmpty()) {
            fields.add(USER_AGENT, AGENT);
        }
        List<String> cookiePairs = cookies == null ? List.of() : stored(cookies, request);
        for (Map.Entry<String, List<String>> field : own.map().entrySet()) {
            String name = field.getKey();
            // A proxy's credentials are not for the server behind its tunnel.
            boolean forOthers = name.equalsIgnoreCase(PROXY_AUTHORIZATION) && !destination.wholeUri();
            if (name.equalsIgnoreCase(COOKIE) && !cookiePairs.isEmpty()) {
                List<String> all = new ArrayList<>(field.getValue());
                all.addAll(cookiePairs);
                cookiePairs = all;
            } else if (!forOthers && !name.equalsIgnoreCase(HOST)) {
                field.getValue().forEach(value -> fields.add(name, value));
            }
        }
        if (!cookiePairs.isEmpty()) {
            fields.add(COOKIE, String.join("; ", cookiePairs));
        }
        if (credentials != null) {
            credentials.addTo(fields, destination.wholeUri());
        }
        return fields;
    }

    private static List<String> stored(CookieHandler cookies, ClientRequest request) throws IOException {
        List<String> found = new ArrayList<>(1);
        Map<String, List<String>> answer =
                cookies.get(request.uri(), request.headers().map());
        answer.forEach((name, values) -> {
            if (name.equalsIgnoreCase(COOKIE)) {
                found.addAll(values);
            }
        });
        // It must not keep the program from a server for as long as it is stored.
        if (found.removeIf(value -> !HeaderSyntax.isValue(value))) {
            LOGGER.log(Level.DEBUG, "a cookie is left out: it contains a character that is not allowed");
        }
        return found;
    }
}
