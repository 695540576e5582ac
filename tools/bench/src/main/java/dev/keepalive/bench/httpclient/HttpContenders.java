package dev.keepalive.bench.httpclient;

import java.util.List;
import java.util.function.Function;

/** The register of HTTP clients by name. */
final class HttpContenders {
    /** The contender without a client, with which the others are compared. */
    static final String RAW = "raw-codec";

    private static final List<Entry> ALL = List.of(
            new Entry("keepalive", "dev.keepalive.http.KeepaliveHttpClient", JavaHttp::ours),
            new Entry("keepalive-on-loop", "dev.keepalive.http.KeepaliveHttpClient", JavaHttp::oursOnLoop),
            new Entry("jdk-http", "java.net.http.HttpClient", JavaHttp::jdk),
            new Entry("okhttp", "okhttp3.OkHttpClient", OkHttp::new),
            new Entry("apache-async", "org.apache.hc.client5.http.impl.async.HttpAsyncClients", ApacheHttp::new),
            new Entry("jetty-http", "org.eclipse.jetty.http2.client.HTTP2Client", JettyHttp::new),
            new Entry("reactor-netty-http", "reactor.netty.http.client.HttpClient", ReactorHttp::new),
            new Entry(
                    RAW,
                    "io.netty.handler.codec.http2.Http2FrameCodec",
                    target -> target.tls() == null ? new RawHttp1(target) : new RawHttp2(target)));

    /**
     * One of them.
     *
     * @param needed a class of its library, which may be missing
     */
    private record Entry(String name, String needed, Function<HttpTarget, HttpContender> factory) {}

    private HttpContenders() {}

    /** The names of all. */
    static List<String> names() {
        return ALL.stream().map(Entry::name).toList();
    }

    /**
     * Makes the HTTP client of this name.
     *
     * @throws IllegalArgumentException if the name is unknown
     * @throws IllegalStateException if its library is missing
     */
    static HttpContender make(String name, HttpTarget target) {
        return named(name).factory.apply(target);
    }

    /** @see #make */
    static void require(String name) {
        Entry entry = named(name);
        try {
            Class.forName(entry.needed, false, HttpContenders.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("skipped: " + entry.needed + " is not on the class path", e);
        }
    }

    private static Entry named(String name) {
        return ALL.stream()
                .filter(entry -> entry.name.equals(name))
                .findAny()
                .orElseThrow(
                        () -> new IllegalArgumentException("contender '" + name + "' is not known: one of " + names()));
    }
}
