package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Lease;
import org.junit.jupiter.api.Test;

/** Connections that the connector retires though they are in order. */
class ManagerRetireTest extends ManagerRig {
    @Test
    void theConnectorMayRetireAConnectionAtAnyTime() {
        Lease<FakeConnection> lease = lease();
        FakeLink link = lease.connection().link();
        link.retire();
        tasks.runAll();
        assertThat(link.isOpen()).as("a connection in use stays open").isTrue();
        lease.release();
        tasks.runAll();
        assertThat(link.isOpen()).isFalse();
        link.retire();

        FakeLink second = lease().connection().link();
        second.retire();
        manager.close();
        tasks.runAll();
        second.retire();
        assertThat(second.isOpen()).isFalse();
    }
}
