/**
 * The keep-alive connection manager: opens, caps, queues for, reuses, watches, expires and closes client connections.
 */
module dev.keepalive.core {
    requires static java.management;
    requires static jdk.management;
    requires static transitive org.jspecify;

    exports dev.keepalive;
    exports dev.keepalive.spi;
    exports dev.keepalive.machine to
            dev.keepalive.testkit;
    exports dev.keepalive.machine.history to
            dev.keepalive.testkit;
}
