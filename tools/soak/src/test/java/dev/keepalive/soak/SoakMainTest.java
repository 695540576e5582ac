package dev.keepalive.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class SoakMainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void badInputIsRefused() {
        assertThat(run("--minutes", "0")).isEqualTo(2);
        assertThat(run("--threads", "0")).isEqualTo(2);
        assertThat(run("--seed", "x")).isEqualTo(2);
        assertThat(run("--nonsense")).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).contains("--minutes 0.0 is not allowed: more than 0");
    }

    @Test
    void helpIsNoError() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).startsWith("Usage: soak ");
    }

    @Test
    void theOutputIsOneLineOfFigures() {
        int status = run("--minutes", "0.02", "--threads", "8", "--seed", "5");
        assertThat(status).as(err.toString()).isZero();
        assertThat(out.toString()).startsWith("soak: 0.0 min, ").endsWith("; nothing lost\n");
        assertThat(out.toString().lines()).hasSize(1);
        assertThat(err.toString()).contains(" s; ");
    }

    private int run(String... arguments) {
        return SoakMain.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }
}
