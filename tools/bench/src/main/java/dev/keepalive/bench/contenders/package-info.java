/** The pools that are measured, each reduced to what all of them can do. */
@NullMarked
package dev.keepalive.bench.contenders;

import org.jspecify.annotations.NullMarked;
