package dev.keepalive.netty;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A name server gave no answer, or one that says nothing about the name. */
final class NameServerException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * Makes a failure of a name server.
     *
     * @param what what the server did, as the rest of a sentence that begins with the server
     */
    NameServerException(InetSocketAddress server, String what, @Nullable Throwable cause) {
        super("name server " + server.getAddress().getHostAddress() + " port " + server.getPort() + " " + what, cause);
    }
}
