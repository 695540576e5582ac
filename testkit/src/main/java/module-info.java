/** Fakes, checks and replays for tests of a connection manager and of programs that use one. */
module dev.keepalive.testkit {
    requires transitive dev.keepalive.core;
    requires static transitive org.jspecify;

    exports dev.keepalive.testkit;
}
