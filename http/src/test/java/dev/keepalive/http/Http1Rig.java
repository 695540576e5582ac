package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.netty.testkit.EmbeddedConnector;
import dev.keepalive.netty.testkit.ScriptedPeer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** A test of HTTP/1.1 against a peer that follows a script, without sockets: everything runs on the test's thread. */
abstract class Http1Rig {
    static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    final Endpoint endpoint = Endpoint.of("http", "server.test", 80);
    private HttpOptions options = HttpOptions.DEFAULTS;
    EmbeddedConnector<HttpConnection> server = EmbeddedConnector.of(new HttpProtocol(options));
    ConnectionManager<HttpConnection> manager = server.managerBuilder().build();

    /** From now on, connections have these options. */
    void use(HttpOptions changed) {
        manager.close();
        options = changed;
        server = EmbeddedConnector.of(new HttpProtocol(options));
        manager = server.managerBuilder().build();
    }

    @AfterEach
    void nothingIsLost() {
        assertThat(manager.snapshot().all().leased()).as("leased").isZero();
        server.check();
        server.leakCheck(manager).check();
        manager.close();
    }

    /** Whether the exchange that came first has kept its connection. */
    boolean isKept() {
        return server.peers().get(0).isOpen();
    }

    /** The connection of the exchange that came first serves another one. */
    void assertServesAnother() {
        assertThat(isKept()).isTrue();
        server.peers().get(0).expect(request("GET", "/another")).send(OK);
        assertThat(get("/another").events()).containsExactly("response 200", "data ok", "completed");
    }

    ScriptedPeer peer() {
        return server.peers().get(server.peers().size() - 1);
    }

    Lease<HttpConnection> lease() {
        return manager.acquire(endpoint).join();
    }

    TestExchange get(String target) {
        return send("GET", target);
    }

    TestExchange send(String method, String target) {
        return send(head(method, target), TestBody.NONE);
    }

    TestExchange send(RequestHead head, RequestBody body) {
        TestExchange recorder = new TestExchange();
        begin(head, body, recorder);
        return recorder;
    }

    void begin(RequestHead head, RequestBody body, TestExchange recorder) {
        recorder.begin(lease(), head, body);
    }

    static RequestHead head(String method, String target, String... fields) {
        return new RequestHead(method, "http", "server.test", target, fields(fields), false);
    }

    static RequestHead expecting(String method, String target) {
        return new RequestHead(method, "http", "server.test", target, fields(), true);
    }

    static HeaderFields fields(String... namesAndValues) {
        HeaderFields fields = new HeaderFields();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }

    static String request(String method, String target, String... lines) {
        return method + " " + target + " HTTP/1.1\r\nhost: server.test\r\n"
                + String.join(
                        "", List.of(lines).stream().map(line -> line + "\r\n").toList()) + "\r\n";
    }
}
