/** The command that runs all contenders in turns, and compares. */
@NullMarked
package dev.keepalive.bench.compare;

import org.jspecify.annotations.NullMarked;
