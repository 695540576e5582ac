package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BadInputTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "connect 127.0.0.1 0                     | port 0 is not allowed: 1 to 65535",
                "connect 127.0.0.1 70000                 | port 70000 is not allowed: 1 to 65535",
                "connect 127.0.0.1 http                  | port 'http' is not allowed: 1 to 65535",
                "connect '' 80                           | host '' is not allowed: a host name or an IP address",
                "connect --scheme a/b h 80               | scheme 'a/...' is not allowed: a letter, then",
                "connect --scheme coaps h 80             | scheme 'coaps' is not allowed: it is not TLS over TCP",
                "connect 127.0.0.1 +80                   | port '+80' is not allowed: 1 to 65535",
                "connect 127.0.0.1 ٨٠                    | port '٨٠' is not allowed: 1 to 65535",
                "connect 127.0.0.1 ''                    | port '' is not allowed: 1 to 65535",
                "connect 127.0.0.010 80                  | host '127.0.0.010' is not allowed: an IPv4 address is",
                "connect straße.de 80                    | host 'straße.de' is not allowed: U+00DF in it",
                "connect --timeout +1s h 80              | '+1s' is not a duration: use",
                "connect --timeout ١ h 80                | '١' is not a duration: use",
                "connect --timeout 0 h 80 | '--timeout': '0' is not allowed: use 500ms, 15s, 2m, or a number",
                "connect --timeout -1s h 80              | '--timeout': '-1s' is not allowed: use",
                "connect --timeout 0.0000000001 h 80     | '0.0000000001' is not allowed: use",
                "connect --timeout soon h 80             | 'soon' is not a duration: use",
                "connect --timeout 99999999999999m h 80  | '99999999999999m' is too long: at most",
                "connect h                               | Missing required parameter: 'PORT'",
                "connect h 80 x                          | 'x'",
                "connect --wrong h 80                    | Unknown option: '--wrong'",
                "fetch                                   | Missing required parameter: 'URL'",
                "fetch ftp://h/ | URL 'ftp://h' is not allowed: it must begin with http:// or https://",
                "fetch h                                 | URL is not allowed: it must begin with",
                "fetch http:///path                      | URL 'http://' is not allowed: it has no host",
                "fetch http://h:70000/ | URL 'http://h:70000' is not allowed: port 70000 is not allowed: 1 to 65535",
                "fetch http://h:0/                       | port 0 is not allowed: 1 to 65535",
                "fetch http://u:p@h/                     | URL is not allowed: leave user and password out",
                "fetch http://h/a^b                      | URL 'http://h' is not allowed: Illegal character",
                "fetch mailto:h                          | URL is not allowed: it must begin with",
                "fetch user:secret@host/                 | URL is not allowed: it must begin with",
                "fetch http://user:secret@host/          | URL is not allowed: leave user and password out",
                "fetch http://user:secret/pw@host/       | URL is not allowed: port",
                "fetch http://h/?token=secret^           | URL 'http://h' is not allowed: Illegal character",
                "fetch http://h:+80/                     | URL is not allowed: port that is not a number",
                "fetch http://h:８０/                      | URL is not allowed: port that is not a number",
                "fetch http://127.1/                     | URL 'http://127.1' is not allowed: host '127.1' is not",
                "fetch -n +3 http://h/                   | '--requests': '+3' is not allowed: a whole number",
                "fetch -n ٣ http://h/                    | '--requests': '٣' is not allowed: a whole number",
                "fetch --bind 127.0.0.010 http://h/      | --bind '127.0.0.010' is not allowed: a numeric",
                "fetch --proxy http://h/?token=secret http://h/ | --proxy 'http://h' is not allowed: use http://",
                "fetch --proxy http://h:+80 http://h/    | --proxy is not allowed: port that is not a number",
                "fetch --proxy http://u:%４１@h http://h/  | --proxy 'http://h' is not allowed: user and password",
                "fetch --proxy http://u:%ff@h http://h/  | --proxy 'http://h' is not allowed: user and password",
                "fetch @pom.xml                          | URL is not allowed: it must begin with",
                "fetch -- @pom.xml                       | URL is not allowed: it must begin with",
                "@pom.xml                                | Unmatched argument at index 0: '@pom.xml'",
                "fetch -n 0 http://h/ | '--requests': '0' is not allowed: a whole number, 1 to 2147483647",
                "fetch -n many http://h/                 | 'many' is not allowed: a whole number",
                "fetch -c -3 http://h/                   | '--concurrency': '-3' is not allowed: a whole number",
                "fetch --max-open 0 http://h/            | '--max-open': '0' is not allowed: a whole number",
                "fetch --max-open-per-endpoint -1 http://h/ | '--max-open-per-endpoint': '-1' is not allowed",
                "fetch --idle-timeout 0s http://h/       | '--idle-timeout': '0s' is not allowed: use",
                "fetch --acquire-timeout -5 http://h/    | '--acquire-timeout': '-5' is not allowed: use",
                "fetch --cacert /no/such/file http://h/  | --cacert '/no/such/file' is not allowed: no such file",
                "fetch --cacert pom.xml http://h/ | --cacert 'pom.xml' is not allowed: it does not hold certificates",
                "fetch --cert /no/such/file --key pom.xml http://h/ | --cert '/no/such/file' is not allowed: no such",
                "fetch --cert pom.xml --key pom.xml http://h/ | --cert 'pom.xml' is not allowed: it and --key",
                "fetch --cert pom.xml http://h/          | --cert 'pom.xml' is not allowed: --key is missing",
                "fetch --key pom.xml http://h/           | --key 'pom.xml' is not allowed: --cert is missing",
                "fetch --insecure --cacert pom.xml https://h/ | --cacert 'pom.xml' is not allowed: not together",
                "fetch --alpn h2 http://h/               | --alpn is not allowed: only over TLS, and http means none",
                "fetch --bind h http://h/                | --bind 'h' is not allowed: a numeric IPv4 or IPv6 address",
                "fetch --proxy h:80 http://h/            | --proxy is not allowed: use http://host:port",
                "fetch --proxy ftp://u:secret@h http://h/ | --proxy 'ftp://h' is not allowed: use http://host:port",
                "fetch --proxy http://u:se/cret@h/x http://h/ | --proxy 'http://h' is not allowed: use http://",
                "fetch --proxy http://u:secret@h:0 http://h/ | --proxy 'http://h:0' is not allowed: port 0",
                "fetch --proxy http://u:%00@h http://h/  | --proxy 'http://h' is not allowed: user and password",
                "fetch --proxy http://u:%zz@h http://h/  | --proxy 'http://h' is not allowed: user and password",
                "fetch --proxy http://p --proxy-user-file /no/such/file http://h/"
                        + " | --proxy-user-file '/no/such/file' is not allowed: no such file",
                "fetch -X CONNECT http://h/              | --request 'CONNECT' is not allowed: a method, such as GET",
                "fetch -X a(b http://h/                  | --request 'a(b' is not allowed: a method, such as GET",
                "fetch -H secret http://h/               | --header is not allowed: write 'Name: value'",
                "fetch -H Expect:secret http://h/        | --header Expect is not allowed: the client sets it",
                "fetch -H A:secret€ http://h/            | --header A is not allowed: its value has visible",
                "fetch -d @/no/such/file http://h/       | --data '@/no/such/file' is not allowed: no such file",
                "fetch -d secret -d @pom.xml http://h/   | --data is not allowed: one file (@FILE) alone, or texts",
                "fetch -n 2 -o x http://h/ | --output 'x' is not allowed: there are 2 requests, and it is for one",
                "fetch -o - http://h/                    | --output '-' is not allowed: a file; the standard output",
                "fetch -o /no/such/x http://h/           | --output '/no/such/x' is not allowed: no such folder",
                "fetch -o src http://h/                  | --output 'src' is not allowed: it is a folder",
                "fetch --http2 --alpn h2 https://h/      | --http2 is not allowed: not together with --alpn",
                "fetch --http2 --no-keep-alive https://h/ | --no-keep-alive is not allowed: not together with",
                "fetch --unix /s --bind 127.0.0.1 http://h/ | --unix '/s' is not allowed: not together with --proxy",
                "connect --unix /s h 80                  | PORT '80' is not allowed: not together with --unix",
                "connect --unix /s --proxy http://p h | --unix '/s' is not allowed: not together with --proxy",
                "connect                                 | Missing required parameters: 'HOST', 'PORT'",
                "demo now                                | Unmatched argument at index 1: 'now'",
                "replay                                  | Missing required parameter: 'FILE'",
                "replay /no/such/file                    | FILE '/no/such/file' is not allowed: no such file",
                "replay pom.xml                          | FILE 'pom.xml' is not allowed: not a history",
                "replay --tail 0 pom.xml                 | '--tail': '0' is not allowed: a whole number",
                "bake                                    | 'bake'",
                "--wrong                                 | Unknown option: '--wrong'",
            })
    void badInputIsNamedTogetherWithWhatIsAllowed(String arguments, String message) {
        CliRun run = CliRun.run(words(arguments));

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains(message).contains("--help").doesNotContain("\tat ", "secret", "cret@");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void noCommandIsBadInput() {
        CliRun run = CliRun.run();

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("Missing command: demo, connect, fetch or replay");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "demo --help", "connect --help", "fetch --help", "fetch -h", "replay --help"})
    void helpHasExamples(String arguments) {
        CliRun run = CliRun.run(words(arguments));

        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("Usage: keepalive").containsPattern("Examples?:\\R  keepalive ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "-V", "fetch --version"})
    void versionIsPrinted(String arguments) {
        assertThat(CliRun.run(words(arguments)))
                .isEqualTo(new CliRun(0, "keepalive development" + System.lineSeparator(), ""));
    }

    private static String[] words(String line) {
        return Arrays.stream(line.split(" +"))
                .map(word -> word.equals("''") ? "" : word)
                .toArray(String[]::new);
    }
}
