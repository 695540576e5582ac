/** A {@link java.net.http.HttpClient} whose connections are those of a connection manager. */
module dev.keepalive.http {
    requires transitive dev.keepalive.netty;
    requires transitive java.net.http;
    requires io.netty.codec.http;
    requires io.netty.codec.http2;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires static transitive org.jspecify;

    exports dev.keepalive.http;
}
