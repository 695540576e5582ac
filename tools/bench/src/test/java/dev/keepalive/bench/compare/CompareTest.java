package dev.keepalive.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.bench.Figure;
import dev.keepalive.bench.contenders.ContenderKind;
import dev.keepalive.bench.contenders.ContenderRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The command's options, and its measuring processes. */
final class CompareTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void theHelpNamesEveryOption() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString())
                .contains("--quick", "--only", "--contenders", "--rounds", "--jdk", "--json", "--plots");
    }

    @Test
    void anUnknownValueIsRefusedWithTheListOfValues() {
        assertThat(run("--only", "W12")).isEqualTo(2);
        assertThat(err.toString()).contains("--only W12 is not allowed: W1, W2,");
        assertThat(run("--contenders", "unknown")).isEqualTo(2);
        assertThat(err.toString()).contains("--contenders unknown is not allowed: keepalive,");
        assertThat(run("--rounds", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--rounds 0 is not allowed: at least 1");
    }

    @Test
    void everyWorkloadMeasuresTheManagerAndOnlyKnownContenders() {
        for (Workload workload : Workload.ALL) {
            assertThat(workload.all()).containsAll(workload.few());
            assertThat(workload.few()).anyMatch(name -> name.startsWith("keepalive"));
            assertThat(workload.few())
                    .filteredOn(name -> !name.equals(PerlContender.NAME))
                    .as("those of the register; W10 and W11 have some that are no pools of it")
                    .filteredOn(name -> !workload.id().equals("W11") && !name.equals("keepalive-pipelined"))
                    .allSatisfy(name ->
                            assertThat(ContenderRegistry.named(name).name()).isEqualTo(name));
        }
    }

    @Test
    void aContenderThatOnlyOneWorkloadHasIsOfItsKind() {
        assertThat(KindLookup.of("keepalive-pipelined")).isEqualTo(ContenderKind.OURS);
        assertThat(KindLookup.of("jdk-http")).isEqualTo(ContenderKind.SAME_JOB);
        assertThat(KindLookup.of("raw-codec")).isEqualTo(ContenderKind.FLOOR);
    }

    @Test
    void aMeasurementThatHangsIsKilledAndReported() throws Exception {
        assertThat(measured(HangingMain.class, Duration.ofSeconds(8)))
                .containsExactly(
                        new Figure("W0", "keepalive", "first", "ns", 1.5),
                        Figure.failed("W0", "keepalive", "*", "hung: killed after 8 s"));
    }

    @Test
    void aFailedMeasurementReportsItsReason() throws Exception {
        assertThat(measured(FailingMain.class, Duration.ofMinutes(2)))
                .containsExactly(Figure.failed(
                        "W0",
                        "keepalive",
                        "*",
                        "failed: Exception in thread \"main\" java.lang.IllegalStateException: no luck"));
    }

    private static List<Figure> measured(Class<?> main, Duration limit) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Workload workload = new Workload("W0", "", main.getName(), List.of(), List.of(), false, limit, limit);
        return new MeasurementProcess(java, System.getProperty("java.class.path"), true).measure(workload, "keepalive");
    }

    private int run(String... args) {
        return Compare.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    /** A measurement that never ends. */
    public static final class HangingMain {
        /** Prints a figure and hangs. */
        public static void main(String... args) throws InterruptedException {
            System.out.println(new Figure("W0", "keepalive", "first", "ns", 1.5).line());
            Thread.currentThread().join();
        }
    }

    /** A measurement that fails. */
    public static final class FailingMain {
        /** Fails. */
        public static void main(String... args) {
            throw new IllegalStateException("no luck");
        }
    }
}
