package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.testservers.ChildJvm;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Dials in a network namespace that silently drops IPv6 packets. */
@EnabledOnOs(OS.LINUX)
class HappyEyeballsOnSocketsTest {
    @Test
    @Tag("D08")
    void ifIpv6PacketsAreDroppedIpv4IsUsedAndTheNextDialStartsWithIpv4() {
        String output = ChildJvm.inNetworkNamespaceWithFilter("ip -6 addr add fd00::1/128 dev lo nodad")
                .run(HappyEyeballsProgram.class);

        assertThat(output.lines())
                .contains("CASE refused-first 127.0.0.1", "CASE cold 127.0.0.1", "CASE next 127.0.0.1")
                .contains("CASE cold-syns true", "CASE next-syns false");
    }
}
