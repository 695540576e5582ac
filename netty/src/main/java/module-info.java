/** The connector on Netty: DNS, TCP, TLS, the watch of idle connections, and event-driven I/O. */
module dev.keepalive.netty {
    requires transitive dev.keepalive.core;
    requires transitive io.netty.handler;
    requires transitive io.netty.resolver;
    requires transitive io.netty.transport;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.dns;
    requires io.netty.common;
    requires io.netty.resolver.dns;
    requires jdk.net;
    requires static io.netty.transport.classes.epoll;
    requires static io.netty.transport.classes.io_uring;
    requires static io.netty.transport.unix.common;
    requires static transitive org.jspecify;

    exports dev.keepalive.netty;
}
