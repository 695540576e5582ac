package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.testservers.ChildJvm;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Errors that need a network namespace with unreachable routes and only four local ports. Needs Linux, root and
 * iproute2.
 */
class NetworkErrorsTest {
    private static final Map<String, String> SEEN = new HashMap<>();

    @BeforeAll
    static void runInNetworkNamespace() {
        String output = ChildJvm.inNetworkNamespace(
                        "ip route add unreachable 192.0.2.1",
                        "ip route add prohibit 192.0.2.2",
                        "echo '40000 40003' > /proc/sys/net/ipv4/ip_local_port_range")
                .run(NetworkErrorsProgram.class);
        for (String line : output.split("\n")) {
            String[] words = line.split(" ", 3);
            if (words[0].equals("CASE")) {
                SEEN.put(words[1], words[2]);
            }
        }
        assertThat(SEEN).as(output).hasSize(6);
    }

    @Test
    @Tag("D15")
    void aHostThatIsUnreachableIsError113() {
        assertThat(SEEN).containsEntry("unreachable", "connect error 113: No route to host");
    }

    @Test
    @Tag("D15")
    void aHostThatIsProhibitedIsError13() {
        assertThat(SEEN).containsEntry("prohibited", "connect error 13: Permission denied");
    }

    @Test
    @Tag("D15")
    void aNetworkWithoutARouteIsError101() {
        // Netty's native transports report it as an unreachable host.
        boolean distinguished = Transport.best() instanceof NioTransport;
        assertThat(SEEN)
                .containsEntry(
                        "no-route",
                        distinguished
                                ? "connect error 101: Network is unreachable"
                                : "connect error 113: No route to host");
    }

    @Test
    void aConnectionToItselfIsRefused() {
        assertThat(SEEN).containsEntry("itself", "connect error 111: Connection refused");
    }

    @Test
    @Tag("F02")
    void whenLocalPortsAreUsedUpItIsError99() {
        assertThat(SEEN).containsEntry("ports", "connect error 99: Cannot assign requested address");
    }

    @Test
    @Tag("F03")
    void whenLocalPortsOfTheBindAddressAreUsedUpItIsError98OrLaterError99() {
        boolean portIsChosenAtConnect = Transport.best().bindAddressNoPort() != null;
        String error = portIsChosenAtConnect ? "99: Cannot assign requested address" : "98: Address already in use";
        assertThat(SEEN).containsEntry("bound-ports", "connect error " + error + " (local address 127.0.0.7)");
    }
}
