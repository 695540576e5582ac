package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A JVM whose default TLS settings are not usable, which must be one of its own. */
@Timeout(120)
class DefaultTlsTest {
    static final class Program {
        public static void main(String[] arguments) {
            try {
                KeepaliveHttpClient.newHttpClient();
            } catch (UncheckedIOException e) {
                System.out.println(e.getMessage() + " by "
                        + e.getCause().getCause().getClass().getName());
            }
        }
    }

    @Test
    void withoutTheJdksDefaultTheBuildSaysSoAsThatOfTheJdksClientDoes() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djdk.tls.client.protocols=TLSv9",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName())
                .redirectErrorStream(true)
                .start();

        assertThat(outputOf(process))
                .contains("the JDK's default TLS settings are not available")
                .contains(" by java.security.NoSuchAlgorithmException");
        assertThat(process.waitFor()).isZero();
    }

    private static String outputOf(Process process) throws IOException {
        process.getOutputStream().close();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
