package dev.keepalive.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ManagerBuilder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A short soak of the real manager. */
class SoakTest {
    @Test
    void nothingIsLostUnderAnyFaultOfTheServer() throws Exception {
        List<String> progress = new ArrayList<>();
        SoakPlan plan = SoakPlan.until(42, 1500, 2);

        SoakReport report = new Soak(plan, ManagerBuilder::build, progress::add).run();

        assertThat(report.findings()).isEmpty();
        assertThat(report.faults()).hasSize(ChaosFault.values().length).allSatisfy((fault, times) -> assertThat(times)
                .isGreaterThanOrEqualTo(2));
        assertThat(report.tally().of(WorkerCount.STARTED)).isGreaterThanOrEqualTo(3000);
        assertThat(report.tally().of(WorkerCount.IMMEDIATE)).isPositive();
        assertThat(report.tally().of(WorkerCount.DEFERRED)).isPositive();
        assertThat(report.tally().of(WorkerCount.NEW)).isPositive();
        assertThat(report.tally().of(WorkerCount.CANCELLED)).isPositive();
        assertThat(report.tally().of(WorkerCount.ANSWERED)).isPositive();
        assertThat(report.tally().of(WorkerCount.ABANDONED)).isPositive();
        assertThat(report.tally().of(WorkerCount.RENEWED)).isPositive();
        assertThat(report.highWater())
                .containsExactly(
                        "24/24",
                        "12/12",
                        "budget 30/30",
                        "endpoint 4/4",
                        "leases of a pipe connection 3/3",
                        "leases of a mux connection 5/5");
        assertThat(report.line()).startsWith("soak: ").endsWith("leases of a mux connection 5/5; nothing lost");
        assertThat(progress).isNotEmpty();
    }
}
