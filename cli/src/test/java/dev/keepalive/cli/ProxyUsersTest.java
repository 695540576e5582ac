package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.testservers.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Users and passwords of proxies that do not stand on the command line. */
class ProxyUsersTest {
    @TempDir
    private Path folder;

    @Test
    void theFileHasTheUserOfEachProxyInTheirOrder() throws Exception {
        try (HttpTestServer server = HttpTestServer.http();
                TestServer near = TestServer.microsocks("near", "a:b%41 c");
                TestServer open = TestServer.microsocks();
                TestServer far = TestServer.tinyproxy("far", "secret")) {
            List<String> words = new ArrayList<>(List.of("fetch", "-n", "3"));
            words.addAll(List.of("--proxy-user-file", file("near:a:b%41 c\r\n\nfar:secret\n")));
            words.addAll(List.of("--proxy", "socks5://127.0.0.1:" + near.port()));
            words.addAll(List.of("--proxy", "socks5://127.0.0.1:" + open.port()));
            words.addAll(List.of("--proxy", "http://127.0.0.1:" + far.port()));
            words.addAll(List.of(server.url("/a"), server.url("/b")));

            CliRun fetch = CliRun.run(words.toArray(String[]::new));

            assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
            assertThat(fetch.row("status 2xx")).isEqualTo(3);
        }
    }

    @Test
    void theEnvironmentHasThemUnlessTheUrlOrAFileDoes() throws Exception {
        try (HttpTestServer server = HttpTestServer.http();
                TestServer proxy = TestServer.microsocks("user", "secret")) {
            String url = "socks5://127.0.0.1:" + proxy.port();
            String withUser = "socks5://user:secret@127.0.0.1:" + proxy.port();

            String file = file("user:secret");
            Process right = started("user:secret", "--proxy", url, server.url("/"));
            Process wrong = started("user:wrong", "--proxy", url, server.url("/"));
            Process byUrl = started("user:wrong", "--proxy", withUser, server.url("/"));
            Process byFile = started("user:wrong", "--proxy", url, "--proxy-user-file", file, server.url("/"));
            Process direct = started("user:wrong", server.url("/"));

            assertThat(status(right)).isZero();
            assertThat(status(wrong)).isOne();
            assertThat(status(byUrl)).isZero();
            assertThat(status(byFile)).isZero();
            assertThat(status(direct)).as("no proxy").isZero();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hush | --proxy http://p | line 1 must be empty, or user:password",
                ":hush | --proxy http://p | line 1 must be empty, or user:password",
                "u:a^hush | --proxy http://p --proxy http://q | line 2 must be empty, or user:password",
                "u:a^v:hush | --proxy http://p | it has a line for 2 proxies, and there are 1 (--proxy)",
                "u:hush | | it has a line for 1 proxies, and there are 0 (--proxy)",
                "u:hush | --proxy http://v:hush@p | --proxy 'http://p' has a user already",
                "u:\u0001hush | --proxy http://p | line 1: user and password have at most 255 bytes each",
            })
    void aFileThatIsNotUnderstoodIsNamedWithoutItsText(String text, String options, String message) throws IOException {
        String file = file(text.replace('^', '\n'));
        List<String> words = new ArrayList<>(List.of("fetch", "--proxy-user-file", file));
        if (options != null) {
            words.addAll(List.of(options.split(" ")));
        }
        words.add("http://h/");

        CliRun fetch = CliRun.run(words.toArray(String[]::new));

        assertThat(fetch.status()).isEqualTo(2);
        assertThat(fetch.err())
                .contains("--proxy-user-file '" + file + "' is not allowed: " + message)
                .doesNotContain("hush", "\tat ");
    }

    private static Process started(String user, String... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of("fetch"));
        words.addAll(List.of(arguments));
        ProcessBuilder fetch = CliProcess.of(words.toArray(String[]::new)).redirectErrorStream(true);
        fetch.environment().put(ProxyUsers.VARIABLE, user);
        return fetch.start();
    }

    private static int status(Process process) throws Exception {
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(printed).doesNotContain("secret", "wrong");
        return process.waitFor();
    }

    private String file(String text) throws IOException {
        return Files.writeString(folder.resolve("users"), text).toString();
    }
}
