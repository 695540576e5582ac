package dev.keepalive.bench.redis;

import org.jspecify.annotations.Nullable;

/**
 * An answer of Redis.
 *
 * @param type the first byte on the wire: {@code +} a status, {@code -} an error, {@code :} a number, {@code $} a text
 * @param text the content; null if there is none
 */
record RespValue(char type, @Nullable String text) {}
