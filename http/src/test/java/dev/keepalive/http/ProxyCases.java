package dev.keepalive.http;

import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;

/** HTTP proxies: by whole URIs for http, by CONNECT for https. */
final class ProxyCases extends DifferentialCase.Group {
    ProxyCases() {
        super("proxy");
        whole();
        tunnels();
        selectors();
    }

    private static ProxySelector of(int port) {
        return ProxySelector.of(new InetSocketAddress("127.0.0.1", port));
    }

    private static Authenticator answering(DifferentialRun run, String password) {
        return new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                run.note("asked " + getRequestorType() + " " + getRequestingPrompt() + " " + getRequestingHost());
                return new PasswordAuthentication("user", password.toCharArray());
            }
        };
    }

    /** The scenario server is the proxy: it answers for every host. */
    private void whole() {
        clear("GET of another host", run -> {
            run.use(run.builder().proxy(of(run.servers.clear().port())));
            run.send(request("http://no-such-host.invalid/body/3?a=b#f").build());
            run.send(request("http://no-such-host.invalid:81/body/3").build());
            run.send(request("http://no-such-host.invalid").build());
        });
        clear("POST of another host", run -> {
            run.use(run.builder().proxy(of(run.servers.clear().port())));
            run.send(request("http://no-such-host.invalid/echo")
                    .POST(BodyPublishers.ofString("by proxy"))
                    .build());
        });
        clear("with credentials", run -> {
            run.use(run.builder().proxy(of(run.servers.clear().port())).authenticator(answering(run, "secret")));
            run.send(request("http://no-such-host.invalid/proxy-auth/Basic").build());
            run.send(request("http://no-such-host.invalid/proxy-auth/Basic").build());
        });
        clear("with wrong credentials", run -> {
            run.use(run.builder().proxy(of(run.servers.clear().port())).authenticator(answering(run, "wrong")));
            run.send(request("http://no-such-host.invalid/proxy-auth/Basic").build());
        });
        clear("without credentials", run -> {
            run.use(run.builder().proxy(of(run.servers.clear().port())));
            run.send(request("http://no-such-host.invalid/proxy-auth/Basic").build());
        });
        clear("credentials of the request", run -> {
            run.use(run.builder().proxy(of(run.servers.clear().port())));
            run.send(request("http://no-such-host.invalid/proxy-auth/Basic")
                    .header("Proxy-Authorization", "Basic dXNlcjpzZWNyZXQ=")
                    .build());
        });
    }

    private static HttpRequest.Builder request(String uri) {
        return HttpRequest.newBuilder(URI.create(uri));
    }

    private void tunnels() {
        http2("a tunnel", run -> {
            run.use(run.builder().proxy(of(run.servers.proxy().port())));
            run.send(run.get("/body/3"));
            run.send(run.post("/echo", BodyPublishers.ofString("x")));
            run.note("proxy saw " + run.servers.proxy().takeSeen());
        });
        tls("a tunnel", run -> {
            run.use(run.builder().proxy(of(run.servers.proxy().port())));
            run.send(run.get("/body/3"));
            run.note("proxy saw " + run.servers.proxy().takeSeen());
        });
        http2("a tunnel with credentials", run -> {
            run.servers.proxy().password(true);
            run.use(run.builder().proxy(of(run.servers.proxy().port())).authenticator(answering(run, "secret")));
            run.send(run.get("/body/3"));
            run.note("proxy saw " + run.servers.proxy().takeSeen());
        });
        http2("a tunnel without credentials", run -> {
            run.servers.proxy().password(true);
            run.use(run.builder().proxy(of(run.servers.proxy().port())));
            run.send(run.get("/body/3"));
        });
        tls("a tunnel without credentials", run -> {
            run.servers.proxy().password(true);
            run.use(run.builder().proxy(of(run.servers.proxy().port())));
            run.send(run.get("/body/3"));
        });
        http2("a tunnel that is refused", run -> {
            run.use(run.builder().proxy(of(run.servers.proxy().port())));
            run.send(request("https://127.0.0.1:1/").build());
        });
    }

    private void selectors() {
        clear("a dead proxy", run -> {
            run.use(run.builder().proxy(of(1)));
            run.send(run.get("/body/3"));
        });
        both("no proxy", run -> {
            run.use(run.builder().proxy(ProxySelector.of(null)));
            run.send(run.get("/body/3"));
        });
        both("a selector that says nothing", run -> {
            run.use(run.builder().proxy(selecting(null)));
            run.send(run.get("/body/3"));
        });
        both("a selector with an empty list", run -> {
            run.use(run.builder().proxy(selecting(List.of())));
            run.send(run.get("/body/3"));
        });
        both("a selector that throws", run -> {
            run.use(run.builder().proxy(new ProxySelector() {
                @Override
                public List<Proxy> select(URI uri) {
                    throw new IllegalStateException("no");
                }

                @Override
                public void connectFailed(URI uri, SocketAddress address, IOException failure) {
                    // not told
                }
            }));
            run.send(run.get("/body/3"));
        });
        clear("a SOCKS proxy", run -> {
            Proxy socks = new Proxy(Proxy.Type.SOCKS, new InetSocketAddress("127.0.0.1", 1));
            run.use(run.builder().proxy(selecting(List.of(socks))));
            run.send(run.get("/body/3"));
        });
    }

    private static ProxySelector selecting(List<Proxy> proxies) {
        return new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                return proxies;
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException failure) {
                // not told
            }
        };
    }
}
