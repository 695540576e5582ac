/** Measures the connection manager and comparable pools side by side in one run. */
@NullMarked
package dev.keepalive.bench;

import org.jspecify.annotations.NullMarked;
