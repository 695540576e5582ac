/**
 * The JDK's HTTP client over a connection manager: {@link dev.keepalive.http.KeepaliveHttpClient} is a
 * {@link java.net.http.HttpClient}.
 */
@NullMarked
package dev.keepalive.http;

import org.jspecify.annotations.NullMarked;
