package dev.keepalive.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LeaseCensusTest {
    private final LeaseCensus census = new LeaseCensus();

    @Test
    void allLeasesUpToOneCountUnlessTheyHaveEnded() {
        assertThat(census.countAt(5)).isEqualTo(5);
        census.ended(2);
        census.ended(4);
        census.ended(6);
        assertThat(census.countAt(5)).isEqualTo(3);
        assertThat(census.countAt(1)).isEqualTo(1);
    }

    @Test
    void withoutAnAnnouncementNothingIsAllowed() {
        assertThat(census.allowed()).isZero();
        assertThat(census.allowed(1)).isZero();
        assertThat(census.latest()).isEqualTo(-1);
        assertThat(census.obeyed(1)).isFalse();
    }

    @Test
    void aLowerNumberHoldsOnceItWasObeyed() {
        census.announced(5);
        census.announced(2);
        assertThat(census.allowed()).isEqualTo(5);
        assertThat(census.obeyed(10)).isTrue();
        assertThat(census.allowed()).isEqualTo(5);
        assertThat(census.obeyed(20)).isTrue();
        assertThat(census.allowed()).isEqualTo(2);
    }

    @Test
    void aLeaseIsHeldToTheNumberThatWasObeyedBeforeItsAcquireBegan() {
        census.announced(5);
        census.announced(2);
        census.announced(3);
        census.obeyed(10);
        census.obeyed(20);
        assertThat(census.allowed(15)).isEqualTo(5);
        assertThat(census.allowed(20)).isEqualTo(5);
        assertThat(census.allowed(21)).isEqualTo(3);
        census.obeyed(30);
        census.announced(1);
        assertThat(census.allowed(21)).isEqualTo(3);
        assertThat(census.allowed(31)).isEqualTo(3);
        census.obeyed(40);
        assertThat(census.allowed(41)).isEqualTo(1);
    }
}
