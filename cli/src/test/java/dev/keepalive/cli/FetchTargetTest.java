package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.HttpRequest;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FetchTargetTest {
    @ParameterizedTest
    @CsvSource({
        "http://[fe80::1%eth9]:8080/, [fe80:0:0:0:0:0:0:1]:8080",
        "http://[fe80::1%25eth9]/, [fe80:0:0:0:0:0:0:1]",
        "http://[fe80::1%25br-lan]/, [fe80:0:0:0:0:0:0:1]",
        "http://[2001:db8::1]:8080/, [2001:db8:0:0:0:0:0:1]:8080",
        "https://BÜCHER.example/, xn--bcher-kva.example",
        "https://h:443/, h",
        "http://h:443/, h:443"
    })
    void theHostHeaderNamesTheHostWithoutZone(String url, String host) {
        assertThat(request(url).headers().get("Host")).isEqualTo(host);
    }

    @ParameterizedTest
    @CsvSource({
        "http://h/straße?q=ä€😀, /stra%C3%9Fe?q=%C3%A4%E2%82%AC%F0%9F%98%80",
        "http://h/a%20b?c=%41, /a%20b?c=%41",
        "http://h?ü, /?%C3%BC",
        "http://h//a, //a",
        "http://h, /",
        "http://h/a#ü, /a"
    })
    void pathAndQueryGoOutInAscii(String url, String path) {
        assertThat(request(url).uri()).isEqualTo(path);
    }

    private static HttpRequest request(String url) {
        return (HttpRequest) FetchTarget.of(url, true, UnaryOperator.identity()).request();
    }
}
