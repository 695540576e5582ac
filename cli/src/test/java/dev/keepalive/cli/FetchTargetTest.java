package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FetchTargetTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "http://[fe80::1%eth9]:8080/, [fe80:0:0:0:0:0:0:1]:8080",
        "http://[fe80::1%25eth9]/, [fe80:0:0:0:0:0:0:1]",
        "http://[fe80::1%25br-lan]/, [fe80:0:0:0:0:0:0:1]",
        "http://[2001:db8::1]:8080/, [2001:db8:0:0:0:0:0:1]:8080",
        "http://BÜCHER.example/, xn--bcher-kva.example",
        "http://h:443/, h:443"
    })
    void theHostHeaderNamesTheHostWithoutZone(String url, String host) throws Exception {
        Path socket = folder.resolve("socket");
        try (ServerSocketChannel server =
                ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket))) {
            CompletableFuture<String> head = CompletableFuture.supplyAsync(() -> answer(server));

            CliRun fetch = CliRun.run("fetch", "--unix", socket.toString(), url);

            assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
            assertThat(head.get(20, TimeUnit.SECONDS)).contains("\r\nhost: " + host + "\r\n");
        }
    }

    private static String answer(ServerSocketChannel server) {
        try (SocketChannel peer = server.accept()) {
            ByteBuffer head = ByteBuffer.allocate(10_000);
            while (!text(head).endsWith("\r\n\r\n")) {
                peer.read(head);
            }
            peer.write(ByteBuffer.wrap("HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            return text(head);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(ByteBuffer head) {
        return new String(head.array(), 0, head.position(), StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({
        "http://[fe80::1%eth9]:8080/, http://[fe80:0:0:0:0:0:0:1%eth9]:8080/, fe80:0:0:0:0:0:0:1%eth9",
        "http://[fe80::1%25eth9]/, http://[fe80:0:0:0:0:0:0:1%eth9]:80/, fe80:0:0:0:0:0:0:1%eth9",
        "http://[fe80::1%25br-lan]/, http://[fe80:0:0:0:0:0:0:1]:80/, fe80:0:0:0:0:0:0:1%br-lan",
        "http://[2001:db8::1]:8080/, http://[2001:db8:0:0:0:0:0:1]:8080/, 2001:db8:0:0:0:0:0:1",
        "https://BÜCHER.example/, https://xn--bcher-kva.example:443/, xn--bcher-kva.example",
        "HTTP://h:443/, http://h:443/, h"
    })
    void theUriHasTheHostAndTheEndpointItsZone(String url, String uri, String host) {
        FetchTarget target = FetchTarget.of(url);

        assertThat(target.uri()).hasToString(uri);
        assertThat(target.endpoint().host()).isEqualTo(host);
        assertThat(target.uri().getHost()).isNotNull();
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
        assertThat(FetchTarget.of(url).uri()).hasToString("http://h:80" + path);
    }

    @ParameterizedTest
    @CsvSource({
        "http://[fe80::1%25br-lan]:8080/, h2c, fe80:0:0:0:0:0:0:1, 8080, fe80:0:0:0:0:0:0:1%br-lan",
        "http://[fe80::1%25br-lan]:8080/, http, fe80:0:0:0:0:0:0:1, 8081, fe80:0:0:0:0:0:0:1",
        "http://[fe80::1%25br-lan]:8080/, http, other, 8080, other",
    })
    void aZoneThatTheUriDoesNotTakeIsGivenToTheWay(String url, String scheme, String host, int port, String zoned) {
        assertThat(FetchTarget.of(url).zoned(Endpoint.of(scheme, host, port)))
                .isEqualTo(Endpoint.of(scheme, zoned, port));
    }
}
