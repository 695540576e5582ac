package dev.keepalive.http;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;

/** The servers of one run, and names for their ports. What an earlier run left behind does not come here. */
final class DifferentialServers implements AutoCloseable {
    private final ScenarioServer clear;
    private final ScenarioServer tls;
    private final ScenarioServer http1Only;
    private final ScenarioServer otherName;
    private final ConnectProxy proxy;
    private final List<Integer> otherPorts = new ArrayList<>();

    DifferentialServers() throws Exception {
        clear = ScenarioServer.clear();
        tls = ScenarioServer.tls(TestTls.server("h2", "http/1.1"));
        http1Only = ScenarioServer.tls(TestTls.server("http/1.1"));
        otherName = ScenarioServer.tls(TestTls.serverNamed("other.test", "h2", "http/1.1"));
        proxy = new ConnectProxy();
    }

    /** Settings of a client that trusts the test authority. */
    SSLContext trusting() {
        return TestTls.trusting();
    }

    ScenarioServer clear() {
        return clear;
    }

    ScenarioServer tls() {
        return tls;
    }

    /** With TLS, but without HTTP/2. */
    ScenarioServer http1Only() {
        return http1Only;
    }

    /** Its certificate is of another name. */
    ScenarioServer otherName() {
        return otherName;
    }

    /** Tunnels by CONNECT; asks for a password on demand. */
    ConnectProxy proxy() {
        return proxy;
    }

    /** A server of one case. */
    URI withoutPort(URI uri) {
        otherPorts.add(uri.getPort());
        return uri;
    }

    String withoutPorts(String text) {
        String named = text.replace(":" + clear.port(), ":CLEAR")
                .replace(":" + tls.port(), ":TLS")
                .replace(":" + http1Only.port(), ":HTTP1")
                .replace(":" + otherName.port(), ":OTHER")
                .replace(":" + proxy.port(), ":PROXY");
        for (int port : otherPorts) {
            named = named.replace(":" + port, ":PORT");
        }
        return named;
    }

    @Override
    public void close() throws Exception {
        clear.close();
        tls.close();
        http1Only.close();
        otherName.close();
        proxy.close();
    }
}
