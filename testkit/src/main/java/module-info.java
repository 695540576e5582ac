/** Fakes and transcripts for testing code that uses a connection manager, and the manager itself. */
module dev.keepalive.testkit {
    requires transitive dev.keepalive.core;
    requires static transitive org.jspecify;

    exports dev.keepalive.testkit;
}
