package dev.keepalive.http;

import java.net.InetAddress;
import java.net.http.HttpClient;
import org.jspecify.annotations.Nullable;

/**
 * The method that {@link HttpClient.Builder} has from Java 19 on. Declared here, so that a builder that is compiled for
 * Java 17 has it with the return type of the JDK's too, and overrides it there.
 */
interface LocalAddressOption {
    HttpClient.Builder localAddress(@Nullable InetAddress address);
}
