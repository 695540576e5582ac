/** W10: commands of many threads to a real Redis, on a few connections. */
@NullMarked
package dev.keepalive.bench.redis;

import org.jspecify.annotations.NullMarked;
