package dev.keepalive;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The schemes that mean TLS, and those with a default port. */
class EndpointTlsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "https",
                "wss",
                "rediss",
                "couchbases",
                "valkeys",
                "amqps",
                "mqtts",
                "stomps",
                "grpcs",
                "smtps",
                "imaps",
                "pop3s",
                "ldaps",
                "ftps",
                "nntps",
                "ircs",
                "sips",
                "ipps",
                "rtsps",
                "tls",
                "ssl",
                "TLS",
                "GRPCS",
                "nats+tls",
                "smtp+tls",
                "redis+tls",
                "redis+ssl",
                "amqp+ssl",
                "coaps+tcp",
                "coaps+ws",
                "tls+tcp",
                "git+https",
                "rediss+sentinel",
                "rediss-sentinel",
                "opc.wss",
                "bolt+s",
                "neo4j+ssc",
                "gemini"
            })
    void aSchemeOfAProtocolOverTlsMeansTls(String scheme) {
        Endpoint endpoint = Endpoint.of(scheme, "h", 1);
        assertThat(endpoint.tls()).isTrue();
        assertThat(endpoint).isEqualTo(endpoint.withTls()).hasToString(endpoint.scheme() + "://h:1");
        assertThat(Endpoint.unix(scheme, Path.of("/s")).tls()).isTrue();
        assertThat(Endpoint.parse(endpoint.toString())).isEqualTo(endpoint);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http",
                "ws",
                "redis",
                "amqp",
                "smtp",
                "nats",
                "grpc",
                "tcp",
                "made-up+x.1",
                "starttls",
                "smtp+starttls",
                "tlsx",
                "mytls",
                "s",
                "address",
                "https2",
                "ssh",
                "sftp",
                "socks5"
            })
    void everyOtherSchemeDoesNot(String scheme) {
        assertThat(Endpoint.of(scheme, "h", 1).tls()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "https, 443",
        "wss, 443",
        "ws, 80",
        "http, 80",
        "amqps, 5671",
        "mqtts, 8883",
        "imaps, 993",
        "pop3s, 995",
        "smtps, 465",
        "ldaps, 636",
        "ftps, 990",
        "ircs, 6697",
        "sips, 5061",
        "ipps, 631",
        "coaps+tcp, 5684"
    })
    void aSchemeWithARegisteredPortHasADefault(String scheme, int port) {
        assertThat(Endpoint.parse(scheme + "://h")).isEqualTo(Endpoint.of(scheme, "h", port));
        assertThat(Endpoint.parse(scheme.toUpperCase(java.util.Locale.ROOT) + "://h"))
                .isEqualTo(Endpoint.of(scheme, "h", port));
    }

    @Test
    void anEndpointSaysThatItHasTlsIfItsSchemeDoesNot() {
        assertThat(Endpoint.of("redis", "h", 1).withTls()).hasToString("redis://h:1[TLS]");
    }
}
