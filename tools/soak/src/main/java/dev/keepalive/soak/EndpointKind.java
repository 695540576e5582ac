package dev.keepalive.soak;

import dev.keepalive.Endpoint;
import java.util.Locale;

/** What is spoken at an endpoint of the chaos server. Its scheme says so; with TLS, the scheme ends in {@code s}. */
enum EndpointKind {
    /** A line for each request, a line as its answer. A lease has its connection for itself. */
    LINE(1, 1),
    /** The same lines, but several leases share a connection. Answers come in the order of the requests. */
    PIPE(3, 3),
    /** Frames of streams, one stream for each lease. The server says how many streams a connection takes. */
    MUX(5, 3);

    private final int mostLeases;
    private final int leasesInPeace;

    EndpointKind(int mostLeases, int leasesInPeace) {
        this.mostLeases = mostLeases;
        this.leasesInPeace = leasesInPeace;
    }

    /** The kind of an endpoint of the chaos server. */
    static EndpointKind of(Endpoint endpoint) {
        for (EndpointKind kind : values()) {
            if (endpoint.scheme().equals(kind.scheme(false))
                    || endpoint.scheme().equals(kind.scheme(true))) {
                return kind;
            }
        }
        throw new IllegalArgumentException(endpoint + " is not an endpoint of the chaos server");
    }

    String scheme(boolean tls) {
        return name().toLowerCase(Locale.ROOT) + (tls ? "s" : "");
    }

    /** Whether several leases share a connection. */
    boolean isShared() {
        return mostLeases > 1;
    }

    /** The most leases that a connection ever takes at the same time. */
    int mostLeases() {
        return mostLeases;
    }

    /** How many leases every connection takes at the same time while the server commits no faults. */
    int leasesInPeace() {
        return leasesInPeace;
    }
}
