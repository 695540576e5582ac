package dev.keepalive.http;

import java.net.CookieHandler;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Header fields, both ways, and cookies. */
final class FieldCases extends DifferentialCase.Group {
    FieldCases() {
        super("fields");
        requests();
        manyFields();
        responses();
        foreignRequests();
        cookies();
        cookieHandlers();
    }

    private void requests() {
        both("of a plain GET", run -> run.send(run.get("/body/3")));
        both("of a plain POST", run -> run.send(run.post("/echo", BodyPublishers.ofString("x"))));
        both(
                "in mixed case and twice",
                run -> run.send(run.to("/body/3")
                        .header("X-Mixed-Case", "One")
                        .header("x-mixed-case", "two")
                        .header("Accept", "text/plain")
                        .build()));
        both(
                "with an empty value",
                run -> run.send(run.to("/body/3").header("X-Empty", "").build()));
        both(
                "with spaces around",
                run -> run.send(run.to("/body/3").header("X-Spaces", "  a  b  ").build()));
        both(
                "with an agent",
                run -> run.send(
                        run.to("/body/3").setHeader("User-Agent", "mine").build()));
        both(
                "with an empty agent",
                run -> run.send(run.to("/body/3").setHeader("User-Agent", "").build()));
        both(
                "with letters outside ASCII",
                run -> run.send(run.to("/body/3").header("X-Latin", "\u00e9").build()));
        both(
                "with te: trailers",
                run -> run.send(run.to("/body/3").header("TE", "trailers").build()));
    }

    private void manyFields() {
        both("many", run -> {
            HttpRequest.Builder request = run.to("/body/3");
            for (int i = 0; i < 100; i++) {
                request.header("x-" + i, "value " + i);
            }
            run.send(request.build());
        });
        both(
                "six kilobytes",
                run -> run.send(
                        run.to("/body/3").header("x-long", "v".repeat(6_000)).build()));
        for (String name : List.of("Host", "Content-Length", "Connection", "Upgrade", "Expect")) {
            clear(
                    name + " is refused",
                    run -> run.attempt("header", () -> run.to("/body/3").header(name, "1")));
        }
    }

    private void responses() {
        both("of a response", run -> {
            HttpResponse<String> response = run.send(run.get("/fields"));
            if (response != null) {
                HttpHeaders headers = response.headers();
                run.note(headers.firstValue("X-TWICE") + " " + headers.allValues("x-Twice") + " "
                        + headers.firstValue("none") + headers.allValues("none"));
                run.note("pseudo fields " + headers.map().keySet().stream().anyMatch(name -> name.startsWith(":")));
            }
        });
        both("a number of a response", run -> {
            HttpResponse<String> response = run.send(run.get("/field?name=x-n&value=42"));
            run.attempt("number", () -> response.headers().firstValueAsLong("X-N"));
            HttpResponse<String> other = run.send(run.get("/field?name=x-n&value=many"));
            run.attempt("number", () -> other.headers().firstValueAsLong("X-N"));
        });
        both("a long one of a response", run -> run.send(run.get("/field?name=x-long&value=" + "v".repeat(3_000))));
        both("the request of a response", run -> {
            HttpRequest request = run.to("/body/3")
                    .header("X-Own", "1")
                    .timeout(Duration.ofSeconds(40))
                    .build();
            HttpResponse<String> response = run.send(request);
            run.note(response.request().equals(request) + " "
                    + response.request().headers().map() + response.request().timeout() + " "
                    + response.request().version().isPresent());
        });
        for (int status : new int[] {102, 103}) {
            both("of a response after " + status, run -> run.send(run.get("/informational/" + status)));
        }
    }

    /** A request that is not made by the JDK's builder may say anything. */
    private record Foreign(URI uri, String method, Map<String, List<String>> fields) {
        HttpRequest request() {
            return new HttpRequest() {
                @Override
                public Optional<BodyPublisher> bodyPublisher() {
                    return Optional.empty();
                }

                @Override
                public String method() {
                    return method;
                }

                @Override
                public Optional<Duration> timeout() {
                    return Optional.empty();
                }

                @Override
                public boolean expectContinue() {
                    return false;
                }

                @Override
                public URI uri() {
                    return uri;
                }

                @Override
                public Optional<HttpClient.Version> version() {
                    return Optional.empty();
                }

                @Override
                public HttpHeaders headers() {
                    return HttpHeaders.of(fields, (name, value) -> true);
                }
            };
        }
    }

    private void foreign(String name, String method, Map<String, List<String>> fields) {
        both(
                "of a foreign request " + name,
                run -> run.send(new Foreign(run.server().uri("/echo"), method, fields).request()));
    }

    private void foreignRequests() {
        foreign("as usual", "GET", Map.of("X-Own", List.of("1")));
        foreign("with a line break", "GET", Map.of("X-Own", List.of("1\r\nX-Evil: 2")));
        foreign("with a bad name", "GET", Map.of("X Own", List.of("1")));
        foreign("with NUL", "GET", Map.of("X-Own", List.of("1\u0000")));
        foreign("with Host", "GET", Map.of("Host", List.of("other")));
        foreign("with Content-Length", "GET", Map.of("Content-Length", List.of("3")));
        foreign("with Transfer-Encoding", "GET", Map.of("Transfer-Encoding", List.of("chunked")));
        foreign("with Connection", "GET", Map.of("Connection", List.of("close")));
        foreign("with a bad method", "GET /evil HTTP/1.1\r\nX:", Map.of());
        foreign("with an empty method", "", Map.of());
    }

    private void cookies() {
        both("a cookie that comes back", run -> {
            run.use(run.builder().cookieHandler(new CookieManager(null, CookiePolicy.ACCEPT_ALL)));
            run.send(run.get("/set-cookie?cookie=a=b"));
            run.send(run.get("/body/3"));
        });
        both("two cookies", run -> {
            run.use(run.builder().cookieHandler(new CookieManager(null, CookiePolicy.ACCEPT_ALL)));
            run.send(run.get("/set-cookie?cookie=a=b"));
            run.send(run.get("/set-cookie?cookie=c=d"));
            run.send(run.get("/body/3"));
        });
        both("a secure cookie", run -> {
            run.use(run.builder().cookieHandler(new CookieManager(null, CookiePolicy.ACCEPT_ALL)));
            run.send(run.get("/set-cookie?cookie=a=b;%20Secure"));
            run.send(run.get("/body/3"));
        });
        both("a cookie beside that of the request", run -> {
            run.use(run.builder().cookieHandler(new CookieManager(null, CookiePolicy.ACCEPT_ALL)));
            run.send(run.get("/set-cookie?cookie=a=b"));
            run.send(run.to("/body/3").header("Cookie", "own=1").build());
        });
    }

    private void cookieHandlers() {
        both("without a cookie handler", run -> {
            run.send(run.get("/set-cookie?cookie=a=b"));
            run.send(run.get("/body/3"));
        });
        both("a cookie handler that throws", run -> {
            run.use(run.builder().cookieHandler(new CookieHandler() {
                @Override
                public Map<String, List<String>> get(URI uri, Map<String, List<String>> fields)
                        throws java.io.IOException {
                    throw new java.io.IOException("no cookies");
                }

                @Override
                public void put(URI uri, Map<String, List<String>> fields) {
                    // not kept
                }
            }));
            run.send(run.get("/body/3"));
            run.sendAsync(run.get("/body/3"), BodyHandlers.ofString());
        });
        both("what a cookie handler is told", run -> {
            StringBuffer told = new StringBuffer();
            run.use(run.builder().cookieHandler(new CookieHandler() {
                @Override
                public Map<String, List<String>> get(URI uri, Map<String, List<String>> fields) {
                    told.append("get ").append(uri.getPath()).append(fields.get("x-own"));
                    return Map.of("Cookie", List.of("one=1", "two=2"), "X-Other", List.of("3"));
                }

                @Override
                public void put(URI uri, Map<String, List<String>> fields) {
                    told.append(" put ").append(uri.getPath()).append(fields.containsKey("content-length"));
                }
            }));
            run.send(run.to("/body/3").header("x-own", "1").build());
            run.note(told.toString());
        });
    }
}
