package dev.keepalive;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TimingsTest {
    @Test
    void eachPhaseIsKeptAndTheDialIsEveryPhaseButTheQueue() {
        Timings timings = Timings.ofPhases(1, 5, 20, 300, 50_000, 4000, 600_000);
        assertThat(timings.get(Phase.QUEUE)).isEqualTo(Duration.ofNanos(1));
        assertThat(timings.get(Phase.PERMIT)).isEqualTo(Duration.ofNanos(5));
        assertThat(timings.get(Phase.RESOLVE)).isEqualTo(Duration.ofNanos(20));
        assertThat(timings.get(Phase.CONNECT)).isEqualTo(Duration.ofNanos(300));
        assertThat(timings.get(Phase.PROXY)).isEqualTo(Duration.ofNanos(50_000));
        assertThat(timings.get(Phase.TLS)).isEqualTo(Duration.ofNanos(4000));
        assertThat(timings.get(Phase.SETUP)).isEqualTo(Duration.ofNanos(600_000));
        assertThat(timings.dial()).isEqualTo(Duration.ofNanos(654_325));
    }

    @Test
    void theTextNamesOnlyThePhasesThatTookTime() {
        assertThat(Timings.ofWait(0)).hasToString("queue 0.000 ms");
        assertThat(Timings.ofPhases(1_204_000, 0, 0, 310_000)).hasToString("queue 1.204 ms, connect 0.310 ms");
    }
}
