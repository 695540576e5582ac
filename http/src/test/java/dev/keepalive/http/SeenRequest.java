package dev.keepalive.http;

import io.netty.handler.codec.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A request as a server saw it. */
final class SeenRequest {
    private static final List<String> OWN =
            List.of("host", "content-length", "transfer-encoding", "authorization", "proxy-authorization", "cookie");

    private final String line;
    private final List<String> fields = new ArrayList<>();
    private volatile String body = "";

    SeenRequest(HttpRequest request, boolean http2) {
        line = request.method() + " " + request.uri() + (http2 ? " HTTP/2" : " " + request.protocolVersion());
        request.headers().forEach(field -> {
            // Netty's conversion adds the first; with HTTP/2 there is no such field as the second.
            boolean added = http2
                    && (field.getKey().startsWith("x-http2-")
                            || field.getKey().toLowerCase(Locale.ROOT).equals("transfer-encoding"));
            if (!added) {
                fields.add(field.getKey() + ": " + field.getValue());
            }
        });
    }

    void body(String description) {
        body = description;
    }

    boolean isComplete() {
        return !body.isEmpty();
    }

    /** The fields in the order of their names; those of one name stay in their order. */
    private List<String> sorted() {
        List<String> sorted = new ArrayList<>(fields);
        sorted.sort((a, b) -> name(a).compareTo(name(b)));
        return sorted;
    }

    private static String name(String field) {
        return field.substring(0, field.indexOf(':')).toLowerCase(Locale.ROOT);
    }

    List<String> fields() {
        return fields;
    }

    /**
     * All of it, except for what the clients do in different ways throughout, and {@link ByteCases} shows: the value of
     * User-Agent, the case of the names that the client itself sets, and a length of 0.
     */
    @Override
    public String toString() {
        List<String> shown = new ArrayList<>();
        for (String field : sorted()) {
            String lower = field.toLowerCase(Locale.ROOT);
            boolean agent =
                    lower.startsWith("user-agent: java-http-client") || lower.startsWith("user-agent: keepalive");
            if (agent) {
                shown.add("user-agent of the client");
            } else if (lower.startsWith("expect:")) {
                shown.add(lower);
            } else if (!lower.equals("content-length: 0")) {
                shown.add(OWN.contains(name(field)) ? name(field) + field.substring(field.indexOf(':')) : field);
            }
        }
        return line + " " + shown + " body " + body;
    }
}
