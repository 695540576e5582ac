package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AddressCandidatesTest {
    @Test
    void theFamiliesTakeTurnsAndEachKeepsItsOrder() {
        AddressCandidates candidates = all(true);
        candidates.add(addresses("10.0.0.1", "10.0.0.2", "10.0.0.3", "fd00::1", "fd00::2"));

        assertThat(order(candidates)).containsExactly("fd00::1", "10.0.0.1", "fd00::2", "10.0.0.2", "10.0.0.3");
    }

    @Test
    void theFamilyThatWonLastIsFirst() {
        AddressCandidates candidates = all(false);
        candidates.add(addresses("fd00::1", "fd00::2", "10.0.0.1"));

        assertThat(order(candidates)).containsExactly("10.0.0.1", "fd00::1", "fd00::2");
    }

    @Test
    void askingBeforeThereIsACandidateUsesUpNoTurn() {
        AddressCandidates candidates = all(false);
        assertThat(candidates.next()).isNull();
        candidates.add(addresses("fd00::1", "10.0.0.1"));

        assertThat(order(candidates)).containsExactly("10.0.0.1", "fd00::1");
    }

    @Test
    void ifNothingIsKnownTheFirstAddressDecides() {
        AddressCandidates candidates = all(null);
        candidates.add(addresses("10.0.0.1", "fd00::1", "10.0.0.2"));

        assertThat(order(candidates)).containsExactly("10.0.0.1", "fd00::1", "10.0.0.2");
    }

    @Test
    void laterAddressesTakeTurnsWithTheRemainingOnes() {
        AddressCandidates candidates = all(true);
        candidates.add(addresses("10.0.0.1", "10.0.0.2", "10.0.0.3"));
        assertThat(text(candidates.next())).isEqualTo("10.0.0.1");

        candidates.add(addresses("fd00::1", "10.0.0.1"));

        assertThat(order(candidates)).containsExactly("10.0.0.2", "fd00::1", "10.0.0.3");
    }

    @Test
    void unreachableAddressesAreLeftOutAndReported() {
        AddressCandidates candidates = new AddressCandidates(80, address -> address.getAddress().length == 4, true);
        candidates.add(addresses("fd00::1"));

        assertThat(candidates.next()).isNull();
        assertThat(candidates.isOutOfReach()).isTrue();
        candidates.add(addresses("10.0.0.1"));
        assertThat(candidates.isOutOfReach()).isFalse();
        assertThat(order(candidates)).containsExactly("10.0.0.1");
    }

    @Test
    void ofEachFamilyTheFirstSixteenAreTried() {
        AddressCandidates candidates = all(false);
        for (int i = 1; i <= 100; i++) {
            candidates.add(addresses("10.0.0." + i, "10.0.0." + i, "fd00::" + i));
        }
        List<SocketAddress> tried = new ArrayList<>();
        for (SocketAddress next = candidates.next(); next != null; next = candidates.next()) {
            tried.add(next);
        }
        assertThat(tried).hasSize(32).doesNotHaveDuplicates();
        assertThat(candidates.known()).as("memory is bounded too").hasSize(32);
    }

    private static AddressCandidates all(Boolean sixFirst) {
        return new AddressCandidates(80, any -> true, sixFirst);
    }

    private static List<InetAddress> addresses(String... texts) {
        return Stream.of(texts).map(FakeResolver::numeric).toList();
    }

    private static List<String> order(AddressCandidates candidates) {
        List<String> order = new ArrayList<>();
        for (SocketAddress next = candidates.next(); next != null; next = candidates.next()) {
            order.add(text(next));
        }
        return order;
    }

    private static String text(SocketAddress address) {
        return ((InetSocketAddress) address).getAddress().getHostAddress().replace(":0:0:0:0:0:0:", "::");
    }
}
