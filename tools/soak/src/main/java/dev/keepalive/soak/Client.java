package dev.keepalive.soak;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.netty.NettyConnection;
import java.util.List;

/**
 * One manager under test, with what it is held to.
 *
 * @param manager the manager
 * @param endpoints where it may connect to
 * @param maxOpen its total limit
 * @param maxOpenPerEndpoint its limit per endpoint
 * @param total counts at the server what it holds open
 * @param tally what the workers have counted of it
 */
record Client(
        ConnectionManager<NettyConnection> manager,
        List<Endpoint> endpoints,
        int maxOpen,
        int maxOpenPerEndpoint,
        Gauge total,
        Tally tally) {}
