package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The TLS options of a client. */
@Timeout(60)
class ClientTlsTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static ScriptedHttpServer server() {
        return ScriptedHttpServer.startTls(
                TestTls.context(),
                connection -> {
                    while (connection.readHead() != null) {
                        connection.send(OK);
                    }
                },
                "http/1.1");
    }

    private static HttpResponse<String> get(HttpClient client, URI uri) throws Exception {
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    @Test
    void theContextOfTheProgramIsUsed() throws Exception {
        SSLContext context = TestTls.context();
        try (ScriptedHttpServer server = server();
                KeepaliveHttpClient client =
                        KeepaliveHttpClient.newBuilder().sslContext(context).build()) {
            HttpResponse<String> response = get(client, server.uri("/"));

            assertThat(response.body()).isEqualTo("ok");
            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
            assertThat(response.sslSession()).isPresent();
            assertThat(response.sslSession().get().getProtocol()).isEqualTo("TLSv1.3");
            assertThat(client.sslContext()).isSameAs(context);
        }
    }

    @Test
    void aServerThatClosesDuringTheHandshakeIsAFailureOfTheHandshake() throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {});
                KeepaliveHttpClient client = KeepaliveHttpClient.newHttpClient()) {
            URI uri = URI.create("https://127.0.0.1:" + server.port() + "/");

            assertThatThrownBy(() -> get(client, uri)).isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void aCertificateThatIsNotTrustedIsRefused() throws Exception {
        try (ScriptedHttpServer server = server();
                KeepaliveHttpClient client = KeepaliveHttpClient.newHttpClient()) {
            assertThatThrownBy(() -> get(client, server.uri("/"))).isInstanceOf(SSLHandshakeException.class);
        } catch (AssertionError ofTheServer) {
            // Its handshake has failed, as it must.
            assertThat(ofTheServer).hasMessageContaining("script");
        }
    }

    @Test
    void theHostIsVerifiedWhateverTheParametersSay() throws Exception {
        SSLParameters careless = new SSLParameters();
        careless.setEndpointIdentificationAlgorithm("");
        // A name that the certificate does not have, and the address where the server is.
        HostsResolver resolver = new HostsResolver("other.example", InetAddress.getByName("127.0.0.1"));
        try (ScriptedHttpServer server = server();
                KeepaliveHttpClient client = KeepaliveHttpClient.newBuilder()
                        .sslContext(TestTls.context())
                        .sslParameters(careless)
                        .connector(connector -> connector.resolver(resolver))
                        .build()) {
            assertThat(get(client, server.uri("/")).body()).isEqualTo("ok");
            URI other = URI.create("https://other.example:" + server.port() + "/");
            assertThatThrownBy(() -> get(client, other))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("other.example");
        } catch (AssertionError failure) {
            // The server's side of that handshake has failed, too.
            assertThat(failure).hasMessageContaining("a script of the server has failed");
        }
    }

    /** Knows one name. */
    private static final class HostsResolver extends AddressResolverGroup<InetSocketAddress> {
        private final String name;
        private final InetAddress address;

        HostsResolver(String name, InetAddress address) {
            this.name = name;
            this.address = address;
        }

        @Override
        protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
            return new InetNameResolver(executor) {
                @Override
                protected void doResolve(String host, Promise<InetAddress> promise) {
                    if (host.equals(name)) {
                        promise.setSuccess(address);
                    } else {
                        promise.setFailure(new UnknownHostException(host));
                    }
                }

                @Override
                protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
                    if (host.equals(name)) {
                        promise.setSuccess(List.of(address));
                    } else {
                        promise.setFailure(new UnknownHostException(host));
                    }
                }
            }.asAddressResolver();
        }
    }

    @Test
    void theParametersAreThoseOfTheHandshakeAndACopyIsKept() throws Exception {
        SSLParameters parameters = new SSLParameters(
                new String[] {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
                new String[] {"TLSv1.2"});
        KeepaliveHttpClientBuilder builder =
                KeepaliveHttpClient.newBuilder().sslContext(TestTls.context()).sslParameters(parameters);
        parameters.setProtocols(new String[] {"TLSv1.3"});
        try (ScriptedHttpServer server = server();
                KeepaliveHttpClient client = builder.build()) {
            HttpResponse<String> response = get(client, server.uri("/"));

            assertThat(response.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.2");
            assertThat(response.sslSession().orElseThrow().getCipherSuite()).contains("AES_256_GCM");
            assertThat(client.sslParameters().getProtocols()).containsExactly("TLSv1.2");
            client.sslParameters().setProtocols(new String[] {"TLSv1.1"});
            assertThat(client.sslParameters().getProtocols()).containsExactly("TLSv1.2");
        }
    }
}
