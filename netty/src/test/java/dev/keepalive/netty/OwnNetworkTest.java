package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Errors that take a network made for them: routes that lead nowhere, and a handful of ports. Needs Linux, root and iproute2. */
class OwnNetworkTest {
    private static final String SETUP = String.join(
            " && ",
            "ip link set lo up",
            "ip route add unreachable 192.0.2.1",
            "ip route add prohibit 192.0.2.2",
            "echo '40000 40003' > /proc/sys/net/ipv4/ip_local_port_range");

    private static final Map<String, String> SEEN = new HashMap<>();

    @BeforeAll
    static void runInOwnNetwork() throws Exception {
        assumeTrue(
                run(SETUP).trim().isEmpty(), "no network of our own can be made here: needs Linux, root and iproute2");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String output = run(SETUP + " && exec '" + java + "' -cp '" + System.getProperty("java.class.path") + "' "
                + OwnNetwork.class.getName());
        for (String line : output.split("\n")) {
            String[] words = line.split(" ", 3);
            if (words[0].equals("CASE")) {
                SEEN.put(words[1], words[2]);
            }
        }
        assertThat(SEEN).as(output).hasSize(6);
    }

    @Test
    void aHostThatIsUnreachableIsError113() {
        assertThat(SEEN).containsEntry("unreachable", "connect error 113: No route to host");
    }

    @Test
    void aHostThatIsProhibitedIsError13() {
        assertThat(SEEN).containsEntry("prohibited", "connect error 13: Permission denied");
    }

    @Test
    void aNetworkWithoutARouteIsError101() {
        assertThat(SEEN).containsEntry("no-route", "connect error 101: Network is unreachable");
    }

    @Test
    void aConnectionThatMeetsItselfIsRefused() {
        assertThat(SEEN).containsEntry("itself", "connect error 111: Connection refused");
    }

    @Test
    void whenLocalPortsAreUsedUpItIsError99() {
        assertThat(SEEN).containsEntry("ports", "connect error 99: Cannot assign requested address");
    }

    @Test
    void whenLocalPortsOfTheBindAddressAreUsedUpItIsError98() {
        assertThat(SEEN).containsEntry("bound-ports", "connect error 98: Address already in use");
    }

    private static String run(String script) throws InterruptedException {
        try {
            Process process = new ProcessBuilder("unshare", "--net", "sh", "-c", script)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? output : "failed: " + output;
        } catch (IOException e) {
            return "failed: " + e;
        }
    }
}
