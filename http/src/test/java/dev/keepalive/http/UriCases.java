package dev.keepalive.http;

import java.net.URI;
import java.net.http.HttpRequest;
import java.util.List;

/** What a request says for each kind of URI. */
final class UriCases extends DifferentialCase.Group {
    UriCases() {
        super("uri");
        for (String rest : List.of(
                "",
                "?",
                "?a=b",
                "/?",
                "/#f",
                "/body/3?a=b#f",
                "#f",
                "/a//b",
                "/a/../body/3",
                "/./body/3",
                "/%e9",
                "/%2F%2f",
                "/a%20b?c%20d",
                "/\u00e9",
                "/a;b=c",
                "/a?b?c",
                "/a|b".replace("|", "%7C"),
                "//body")) {
            both(
                    "'" + Described.text(rest) + "'",
                    run -> run.send(
                            HttpRequest.newBuilder(URI.create(run.server().uri("") + rest))
                                    .build()));
        }
        hosts();
        refused();
    }

    private void hosts() {
        both(
                "of another spelling of its scheme",
                run -> run.send(HttpRequest.newBuilder(URI.create(
                                run.server().uri("/body/3").toString().replaceFirst("http", "HTTP")))
                        .build()));
        clear(
                "of localhost",
                run -> run.send(HttpRequest.newBuilder(URI.create(
                                "http://localhost:" + run.servers.clear().port() + "/body/3"))
                        .build()));
        clear(
                "of LOCALHOST",
                run -> run.send(HttpRequest.newBuilder(URI.create(
                                "http://LOCALHOST:" + run.servers.clear().port() + "/body/3"))
                        .build()));
        http2(
                "of localhost",
                run -> run.send(HttpRequest.newBuilder(URI.create(
                                "https://localhost:" + run.servers.tls().port() + "/body/3"))
                        .build()));
        clear(
                "with a user",
                run -> run.send(HttpRequest.newBuilder(URI.create("http://user:secret@127.0.0.1:"
                                + run.servers.clear().port() + "/body/3"))
                        .build()));
        clear(
                "with an IPv6 address that refuses",
                run -> run.send(
                        HttpRequest.newBuilder(URI.create("http://[::1]:1/")).build()));
    }

    private void refused() {
        for (String uri :
                List.of("ftp://127.0.0.1/", "//127.0.0.1/", "/path", "http:///path", "http:opaque", "ws://a/")) {
            clear("'" + uri + "'", run -> {
                run.attempt(
                        "builder",
                        () -> HttpRequest.newBuilder(URI.create(uri)).build().uri());
            });
        }
    }
}
