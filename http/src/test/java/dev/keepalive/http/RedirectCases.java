package dev.keepalive.http;

import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

/** Redirects. */
final class RedirectCases extends DifferentialCase.Group {
    RedirectCases() {
        super("redirect");
        statuses();
        policies();
        locations();
        fields();
        expectations();
    }

    private static void with(DifferentialRun run, Redirect policy) {
        run.use(run.builder().followRedirects(policy));
    }

    private void statuses() {
        for (int status : new int[] {300, 301, 302, 303, 304, 305, 306, 307, 308, 399}) {
            both("GET " + status, run -> {
                with(run, Redirect.NORMAL);
                run.send(run.get("/redirect/" + status + "?to=/body/5"));
            });
            both("POST " + status, run -> {
                with(run, Redirect.NORMAL);
                run.send(run.post("/redirect/" + status + "?to=/echo", BodyPublishers.ofString("again")));
            });
        }
        for (String method : new String[] {"PUT", "HEAD", "DELETE"}) {
            both(method + " 302", run -> {
                with(run, Redirect.NORMAL);
                run.send(run.to("/redirect/302?to=/echo")
                        .method(method, BodyPublishers.noBody())
                        .build());
            });
            both(method + " 303", run -> {
                with(run, Redirect.NORMAL);
                run.send(run.to("/redirect/303?to=/echo")
                        .method(method, BodyPublishers.noBody())
                        .build());
            });
        }
    }

    private void policies() {
        for (Redirect policy : Redirect.values()) {
            both(policy + " to the same server", run -> {
                with(run, policy);
                run.send(run.get("/redirect/302?to=/body/5"));
            });
            clear(policy + " to https", run -> {
                with(run, policy);
                run.send(run.get("/redirect/302?to=" + run.servers.tls().uri("/body/5")));
            });
            http2(policy + " to http", run -> {
                with(run, policy);
                // The request there may ask for an upgrade.
                run.send(HttpRequest.newBuilder(run.server()
                                .uri("/redirect/302?to=" + run.servers.clear().uri("/body/5")))
                        .version(java.net.http.HttpClient.Version.HTTP_1_1)
                        .build());
            });
        }
        both("by default", run -> run.send(run.get("/redirect/302?to=/body/5")));
        both("without end", run -> {
            with(run, Redirect.NORMAL);
            run.send(run.get("/loop/0"));
        });
        both("by sendAsync", run -> {
            with(run, Redirect.ALWAYS);
            run.sendAsync(run.get("/redirect/302?to=/redirect/301?to=/body/5"), BodyHandlers.ofString());
        });
        both("only the last body is handled", run -> {
            with(run, Redirect.ALWAYS);
            StringBuffer handled = new StringBuffer();
            run.send(run.get("/redirect/302?to=/body/5"), info -> {
                handled.append(info.statusCode());
                return BodyHandlers.ofString().apply(info);
            });
            run.note("handled " + handled);
        });
    }

    private void locations() {
        for (String to : new String[] {
            "body/5",
            "../body/5",
            "?x=1",
            "",
            "%23fragment",
            "/body/5%23fragment",
            "ftp://127.0.0.1/",
            "//127.0.0.1:1/",
            "mailto:a@b",
            "http:///",
            "%5Cbad%20uri",
            "/body/5?q=%2541"
        }) {
            both("to '" + to + "'", run -> {
                with(run, Redirect.NORMAL);
                run.send(run.get("/redirect/302?to=" + to));
            });
        }
        both("without a location", run -> {
            with(run, Redirect.NORMAL);
            run.send(run.get("/bare-status/302"));
        });
        both("to a dead port", run -> {
            with(run, Redirect.NORMAL);
            run.send(run.get("/redirect/302?to=http://127.0.0.1:1/"));
        });
    }

    private void fields() {
        both("keeps the fields of the request", run -> {
            with(run, Redirect.NORMAL);
            run.send(run.to("/redirect/302?to=/body/5")
                    .header("Authorization", "mine")
                    .header("X-Own", "a")
                    .build());
        });
        both("and the credentials at another origin", run -> {
            with(run, Redirect.ALWAYS);
            ScenarioServer other = run.server() == run.servers.clear() ? run.servers.tls() : run.servers.clear();
            run.send(run.to("/redirect/302?to=" + other.uri("/body/5"))
                    .version(java.net.http.HttpClient.Version.HTTP_1_1)
                    .header("Authorization", "mine")
                    .header("Cookie", "a=b")
                    .header("X-Own", "a")
                    .build());
        });
        both("of a POST that becomes a GET", run -> {
            with(run, Redirect.NORMAL);
            run.send(run.to("/redirect/303?to=/echo")
                    .header("Content-Type", "text/plain")
                    .POST(BodyPublishers.ofString("x"))
                    .build());
        });
        both("with a cookie", run -> {
            run.use(run.builder()
                    .followRedirects(Redirect.NORMAL)
                    .cookieHandler(new CookieManager(null, CookiePolicy.ACCEPT_ALL)));
            run.send(run.get("/set-cookie?cookie=a=b"));
            run.send(run.get("/redirect/302?to=/body/5"));
        });
    }

    private void expectations() {
        both("of a request with an expectation", run -> {
            with(run, Redirect.NORMAL);
            run.send(run.to("/redirect/307?to=/echo")
                    .expectContinue(true)
                    .POST(BodyPublishers.ofString("again"))
                    .build());
        });
        both("with a timeout", run -> {
            with(run, Redirect.NORMAL);
            run.send(run.to("/redirect/302?to=/silence")
                    .timeout(java.time.Duration.ofMillis(300))
                    .build());
        });
    }
}
