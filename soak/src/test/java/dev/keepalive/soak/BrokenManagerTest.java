package dev.keepalive.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionManager;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.netty.NettyConnection;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** A soak of managers that break a promise: each is found. */
class BrokenManagerTest {
    @Test
    void oneConnectionTooManyPerEndpointIsFoundAtTheServer() throws Exception {
        assertThat(firstFinding(builder -> builder.maxOpenPerEndpoint(5).build()))
                .matches("endpoint [0-9]+: 5 connections open at one moment, where 4 are allowed: .*");
    }

    @Test
    void oneConnectionTooManyInAllIsFoundAtTheServer() throws Exception {
        assertThat(firstFinding(builder -> builder.maxOpen(25).build()))
                .matches("all: 25 connections open at one moment, where 24 are allowed: .*");
    }

    @Test
    void aPlaceThatIsLostIsFoundWhenAllPlacesAreTaken() throws Exception {
        assertThat(firstFinding(builder -> builder.maxOpenPerEndpoint(3).build()))
                .startsWith("with 3 of 4 in use, one more got");
    }

    private static String firstFinding(
            Function<ManagerBuilder<NettyConnection>, ConnectionManager<NettyConnection>> maker) throws Exception {
        Report report = new Soak(Plan.until(7, 2000, 0), maker, line -> {}).run();
        assertThat(report.line()).endsWith(" found wrong");
        return report.findings().get(0).lines().findFirst().orElseThrow();
    }
}
