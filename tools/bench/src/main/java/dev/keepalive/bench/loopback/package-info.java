/** W7: acquire, write, read and release over loopback. The server runs in another process. */
@NullMarked
package dev.keepalive.bench.loopback;

import org.jspecify.annotations.NullMarked;
