package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.testservers.ChildJvm;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Fault catalogue, parts F and G: the faults that need a host with few resources, or a network that drops packets. */
@EnabledOnOs(OS.LINUX)
class FaultsOfHostTest {
    private static final String FOUR_PORTS = "echo '40000 40003' > /proc/sys/net/ipv4/ip_local_port_range";

    @Test
    @Tag("F01")
    void whenDescriptorsRunOutAnAcquireFailsClearlyAndIdleConnectionsMakeRoom() throws Exception {
        try (CountingServer server = new CountingServer()) {
            String output = ChildJvm.after("ulimit -n 80")
                    .run(
                            HostFaultsProgram.class,
                            "descriptors",
                            String.valueOf(server.endpoint().port()));
            assertThat(output)
                    .contains("FAILURE connect error 24: Too many open files\n")
                    .endsWith("OK\n");
        }
    }

    @Test
    @Tag("F02")
    void whenLocalPortsRunOutAnAcquireFailsClearlyAndNoPermitIsLost() {
        String output = ChildJvm.inNetworkNamespace(FOUR_PORTS).run(HostFaultsProgram.class, "ports");
        assertThat(output)
                .contains("FAILURE connect error 99: Cannot assign requested address\n")
                .endsWith("OK\n");
    }

    @Test
    @Tag("F03")
    void whenThePortsOfTheBindAddressRunOutTheFailureNamesTheAddress() {
        String output = ChildJvm.inNetworkNamespace(FOUR_PORTS).run(HostFaultsProgram.class, "bound-ports");
        assertThat(output)
                .containsPattern("FAILURE connect error 9[89]: .* \\(local address 127\\.0\\.0\\.7\\)\n")
                .endsWith("OK\n");
    }

    @Test
    @Tag("G13")
    void keepAliveProbesFindAnIdleConnectionWhosePeerIsSilentlyGone() {
        assertThat(ChildJvm.inNetworkNamespaceWithFilter().run(HostFaultsProgram.class, "half-open"))
                .endsWith("OK\n");
    }

    @Test
    @Tag("G13")
    @Tag("G14")
    void aConnectionWhosePeerIsSilentlyGoneIsClosedAtOnceEvenWithUnacknowledgedOutput() {
        assertThat(ChildJvm.inNetworkNamespaceWithFilter().run(HostFaultsProgram.class, "half-open-end"))
                .endsWith("OK\n");
    }

    @Test
    void afterTheHeapWasFullForAMomentTimeoutsAreTold() {
        assertThat(ChildJvm.after("export JAVA_TOOL_OPTIONS=-Xmx24m").run(FullHeapProgram.class))
                .as("what it has logged may come behind")
                .contains("\nOK\n");
    }
}
