/** W5: a long line of waiters: to serve one and queue one, to withdraw one, and what each takes of the heap. */
@NullMarked
package dev.keepalive.bench.line;

import org.jspecify.annotations.NullMarked;
