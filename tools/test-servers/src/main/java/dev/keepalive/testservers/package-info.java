/** Real servers and proxies for tests: {@link dev.keepalive.testservers.TestServer}. */
@NullMarked
package dev.keepalive.testservers;

import org.jspecify.annotations.NullMarked;
