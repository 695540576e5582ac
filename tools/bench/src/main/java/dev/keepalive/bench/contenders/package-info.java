/** The measured pools, each behind the same small interface. */
@NullMarked
package dev.keepalive.bench.contenders;

import org.jspecify.annotations.NullMarked;
