package dev.keepalive.netty;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.List;

/** Looks host names up in one place, for example for the addresses of one family. Safe from any thread. */
interface NameSource {
    /**
     * Begins a lookup.
     *
     * @param loop the event loop of the calling thread; the lookup runs on it
     * @return the addresses, one or more; or a failure, which is an {@link java.net.UnknownHostException} without a
     *     cause if the name has none. Cancelling it ends the lookup, and nothing is logged then
     */
    Future<List<InetAddress>> lookUp(String host, EventLoop loop);
}
