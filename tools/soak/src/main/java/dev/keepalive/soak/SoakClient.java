package dev.keepalive.soak;

import dev.keepalive.ConnectionManager;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.netty.Protocol;
import dev.keepalive.netty.Requests;

/** Makes what the soak tests. The usual one is {@code ManagerBuilder::build}; tests have some that break a promise. */
@FunctionalInterface
interface SoakClient {
    /** Builds a manager from a builder that the plan has configured. */
    ConnectionManager<Requests<CheckedExchange, String>> manager(
            ManagerBuilder<Requests<CheckedExchange, String>> builder);

    /** What the connections speak: this protocol. */
    default Protocol<Requests<CheckedExchange, String>> protocol(Protocol<Requests<CheckedExchange, String>> usual) {
        return usual;
    }
}
