/** W7: acquire, write, read, release, end to end on loopback, with the server in another process. */
@NullMarked
package dev.keepalive.bench.loopback;

import org.jspecify.annotations.NullMarked;
