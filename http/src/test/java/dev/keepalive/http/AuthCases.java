package dev.keepalive.http;

import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;

/** The authenticator and 401. */
final class AuthCases extends DifferentialCase.Group {
    AuthCases() {
        super("authentication");
        basic();
        refused();
    }

    /** Notes what it is asked. */
    private static Authenticator answering(DifferentialRun run, String user, String password) {
        return new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                run.note("asked " + getRequestorType() + " " + getRequestingScheme() + " " + getRequestingPrompt() + " "
                        + getRequestingHost() + ":" + getRequestingPort() + " " + getRequestingProtocol() + " "
                        + getRequestingURL());
                return new PasswordAuthentication(user, password.toCharArray());
            }
        };
    }

    private void basic() {
        both("right", run -> {
            run.use(run.builder().authenticator(answering(run, "user", "secret")));
            run.send(run.get("/auth/Basic"));
        });
        both("right, and known for the next request", run -> {
            run.use(run.builder().authenticator(answering(run, "user", "secret")));
            run.send(run.get("/auth/Basic"));
            run.send(run.get("/auth/Basic"));
            run.send(run.get("/auth/Basic/below"));
        });
        both("right by sendAsync", run -> {
            run.use(run.builder().authenticator(answering(run, "user", "secret")));
            run.sendAsync(run.get("/auth/Basic"), BodyHandlers.ofString());
        });
        both("right with a body", run -> {
            run.use(run.builder().authenticator(answering(run, "user", "secret")));
            run.send(run.post("/auth/Basic", BodyPublishers.ofString("body")));
        });
        both("wrong", run -> {
            run.use(run.builder().authenticator(answering(run, "user", "wrong")));
            run.send(run.get("/auth/Basic"));
        });
        both("of the request itself", run -> {
            run.use(run.builder().authenticator(answering(run, "user", "wrong")));
            run.send(run.to("/auth/Basic")
                    .header("Authorization", "Basic dXNlcjpzZWNyZXQ=")
                    .build());
            run.send(run.to("/auth/Basic").header("Authorization", "mine").build());
        });
        both(
                "of the request itself without an authenticator",
                run -> run.send(run.to("/auth/Basic")
                        .header("Authorization", "Basic dXNlcjpzZWNyZXQ=")
                        .build()));
    }

    private void refused() {
        both("without an authenticator", run -> run.send(run.get("/auth/Basic")));
        both("without an answer", run -> {
            run.use(run.builder().authenticator(new Authenticator() {}));
            run.send(run.get("/auth/Basic"));
        });
        both("that throws", run -> {
            run.use(run.builder().authenticator(new Authenticator() {
                @Override
                protected PasswordAuthentication getPasswordAuthentication() {
                    throw new IllegalStateException("no");
                }
            }));
            run.send(run.get("/auth/Basic"));
            run.sendAsync(run.get("/auth/Basic"), BodyHandlers.ofString());
        });
        for (String scheme : List.of("Digest", "Bearer", "basic")) {
            both("of scheme " + scheme, run -> {
                run.use(run.builder().authenticator(answering(run, "user", "secret")));
                run.send(run.get("/auth/" + scheme));
            });
        }
        both("401 without a challenge", run -> {
            run.use(run.builder().authenticator(answering(run, "user", "secret")));
            run.send(run.get("/unexplained/401"));
        });
        both("401 without a challenge or an authenticator", run -> run.send(run.get("/unexplained/401")));
        both("407 of a server", run -> {
            run.use(run.builder().authenticator(answering(run, "user", "secret")));
            run.send(run.get("/unexplained/407"));
            run.send(run.get("/proxy-auth/Basic"));
        });
    }
}
