/**
 * Real servers and proxies for tests: {@link dev.keepalive.peers.Peer}. Other programs:
 * {@link dev.keepalive.peers.Installed}.
 */
@NullMarked
package dev.keepalive.peers;

import org.jspecify.annotations.NullMarked;
