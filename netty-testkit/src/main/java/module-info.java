/** A peer by script, to test clients that speak a protocol over the Netty connector: without sockets and threads. */
module dev.keepalive.netty.testkit {
    requires transitive dev.keepalive.netty;
    requires transitive dev.keepalive.testkit;
    requires io.netty.buffer;
    requires io.netty.common;
    requires static transitive org.jspecify;

    exports dev.keepalive.netty.testkit;
}
