/** Real servers and proxies for tests: {@link dev.keepalive.peers.Peer}. */
@NullMarked
package dev.keepalive.peers;

import org.jspecify.annotations.NullMarked;
