package dev.keepalive.testservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HttpTestServersTest {
    private static final Map<String, String> FILES = Map.of("hello", "hello");

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void apacheServesFilesAndEchoesAlsoAfterReloads() throws Exception {
        try (TestServer apache = HttpTestServers.apache(FILES, "KeepAliveTimeout 1")) {
            assertThat(get(apache, "hello").body()).isEqualTo("hello");
            HttpRequest post = HttpRequest.newBuilder(uri(apache, "echo/x"))
                    .header("X-Id", "seven")
                    .POST(HttpRequest.BodyPublishers.ofString("back"))
                    .build();
            assertThat(client.send(post, BodyHandlers.ofString()).body())
                    .as(apache::log)
                    .isEqualTo("back");
            await().untilAsserted(() -> assertThat(apache.read("requests.log")).contains("POST seven 200"));
            apache.reload();
            assertThat(get(apache, "hello").body()).isEqualTo("hello");
            apache.restart();
            assertThat(get(apache, "hello").body()).isEqualTo("hello");
        }
    }

    @Test
    void haproxyStandsBeforeAServerAndReloads() throws Exception {
        try (TestServer nginx = TestServer.nginx("listen 127.0.0.1:PORT;", "location / { return 200 hello; }");
                TestServer haproxy = HttpTestServers.haproxy(nginx.port(), "timeout http-keep-alive 1s")) {
            assertThat(get(haproxy, "").body()).as(haproxy::log).isEqualTo("hello");
            haproxy.reload();
            assertThat(get(haproxy, "").body()).as(haproxy::log).isEqualTo("hello");
            haproxy.restart();
            assertThat(get(haproxy, "").body()).as(haproxy::log).isEqualTo("hello");
        }
    }

    @Test
    void nginxReloadsWithoutAnUnservedRequest() throws Exception {
        try (TestServer nginx = TestServer.nginx(
                "listen 127.0.0.1:PORT;", "access_log FOLDER/requests.log request;", "location / { return 200 hi; }")) {
            assertThat(get(nginx, "").body()).isEqualTo("hi");
            nginx.reload();
            assertThat(get(nginx, "").body()).isEqualTo("hi");
            await().untilAsserted(() -> assertThat(nginx.read("requests.log")).contains(" HTTP/1.1 GET - 200"));
        }
    }

    @Test
    void nghttpdListensAndHasNoReload() {
        try (TestServer nghttpd = HttpTestServers.nghttpd(FILES, "-m", "10")) {
            nghttpd.restart();
            assertThatIllegalStateException().isThrownBy(nghttpd::reload).withMessageContaining("no signal to reload");
        }
    }

    /** Apache listens before it looks at its certificate, so it may seem to have started. */
    @Test
    void theServersWithTlsDoNotStartWithoutACertificate() {
        InstalledPrograms.program("haproxy", "haproxy");
        assertThatIllegalStateException()
                .isThrownBy(() -> HttpTestServers.haproxyTls("no certificate", "no key", 9))
                .withMessageContaining("both.pem");
        InstalledPrograms.program("nghttpd", "nghttp2-server");
        assertThatIllegalStateException()
                .isThrownBy(() -> HttpTestServers.nghttpdTls("no certificate", "no key", FILES));
    }

    private HttpResponse<String> get(TestServer server, String file) throws Exception {
        return client.send(HttpRequest.newBuilder(uri(server, file)).build(), BodyHandlers.ofString());
    }

    private static URI uri(TestServer server, String file) {
        return URI.create("http://127.0.0.1:" + server.port() + "/" + file);
    }
}
