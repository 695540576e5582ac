package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.http.HttpClient;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;
import reactor.core.publisher.Flux;

/** Spring's clients on this one, in place of the JDK's. */
class SpringTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private ScenarioServer clear;
    private ScenarioServer tls;

    @BeforeEach
    void start() throws Exception {
        clear = ScenarioServer.clear();
        tls = ScenarioServer.tls(TestTls.server("h2", "http/1.1"));
    }

    @AfterEach
    void stop() {
        clear.close();
        tls.close();
    }

    private static KeepaliveHttpClient client(HttpClient.Version version) {
        return KeepaliveHttpClient.newBuilder()
                .version(version)
                .sslContext(TestTls.trusting())
                .build();
    }

    private String base(HttpClient.Version version) {
        return (version == HttpClient.Version.HTTP_2 ? tls : clear).uri("").toString();
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void restClientExchanges(HttpClient.Version version) {
        try (KeepaliveHttpClient client = client(version)) {
            JdkClientHttpRequestFactory factory = new JdkClientHttpRequestFactory(client);
            RestClient rest = RestClient.builder()
                    .requestFactory(factory)
                    .baseUrl(base(version))
                    .build();

            assertThat(rest.get().uri("/body/5").retrieve().body(String.class)).isEqualTo("abcde");
            ResponseEntity<String> posted = rest.post()
                    .uri("/echo")
                    .contentType(MediaType.TEXT_PLAIN)
                    .body("sent by Spring")
                    .retrieve()
                    .toEntity(String.class);
            assertThat(posted.getBody()).isEqualTo("sent by Spring");
            assertThat(posted.getHeaders().getContentType()).isNotNull();
            assertThatExceptionOfType(HttpClientErrorException.NotFound.class)
                    .isThrownBy(() -> rest.get().uri("/unknown").retrieve().body(String.class))
                    .withMessageContaining("unknown");
            assertThat(rest.get().uri("/body/5").<Integer>exchange((request, response) -> response.getBody()
                            .read()))
                    .as("the rest of the body is not read")
                    .isEqualTo('a');
            assertThat(rest.get().uri("/body/1000000").retrieve().body(byte[].class))
                    .isEqualTo(Described.pattern(1_000_000));
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void restClientTimesOut(HttpClient.Version version) {
        try (KeepaliveHttpClient client = client(version)) {
            JdkClientHttpRequestFactory factory = new JdkClientHttpRequestFactory(client);
            factory.setReadTimeout(Duration.ofMillis(500));
            RestClient rest = RestClient.builder()
                    .requestFactory(factory)
                    .baseUrl(base(version))
                    .build();
            assertThatExceptionOfType(ResourceAccessException.class)
                    .isThrownBy(() -> rest.get().uri("/silence").retrieve().body(String.class))
                    .withCauseInstanceOf(HttpTimeoutException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void webClientExchanges(HttpClient.Version version) {
        try (KeepaliveHttpClient client = client(version)) {
            WebClient web = WebClient.builder()
                    .clientConnector(new JdkClientHttpConnector(client))
                    .baseUrl(base(version))
                    .build();

            assertThat(web.get()
                            .uri("/body/5")
                            .retrieve()
                            .bodyToMono(String.class)
                            .block(PATIENCE))
                    .isEqualTo("abcde");
            assertThat(web.post()
                            .uri("/echo")
                            .contentType(MediaType.TEXT_PLAIN)
                            .body(BodyInserters.fromPublisher(Flux.just("one", "two", "three"), String.class))
                            .retrieve()
                            .bodyToMono(String.class)
                            .block(PATIENCE))
                    .isEqualTo("onetwothree");
            assertThatExceptionOfType(WebClientResponseException.NotFound.class).isThrownBy(() -> web.get()
                    .uri("/unknown")
                    .retrieve()
                    .toBodilessEntity()
                    .block(PATIENCE));
            assertThat(web.get()
                            .uri("/body/1000000")
                            .retrieve()
                            .bodyToFlux(DataBuffer.class)
                            .map(buffer -> {
                                int size = buffer.readableByteCount();
                                DataBufferUtils.release(buffer);
                                return size;
                            })
                            .reduce(Integer::sum)
                            .block(PATIENCE))
                    .isEqualTo(1_000_000);
        }
    }
}
