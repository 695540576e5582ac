/**
 * A soak test: many threads, real sockets, a server that breaks every rule, and a check at the end that nothing was
 * lost.
 */
@NullMarked
package dev.keepalive.soak;

import org.jspecify.annotations.NullMarked;
