/**
 * Tests of clients that speak a {@link dev.keepalive.netty.Protocol}, without sockets, threads and sleeps: a
 * {@link dev.keepalive.netty.testkit.EmbeddedConnector} opens connections to
 * {@linkplain dev.keepalive.netty.testkit.ScriptedPeer peers} that do what the test says.
 */
@NullMarked
package dev.keepalive.netty.testkit;

import org.jspecify.annotations.NullMarked;
