/** The command that measures all contenders in turn and compares them. */
@NullMarked
package dev.keepalive.bench.compare;

import org.jspecify.annotations.NullMarked;
