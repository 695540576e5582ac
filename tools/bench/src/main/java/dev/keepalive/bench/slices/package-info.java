/** Loads that run for one slice of time after another, and their figures beside those of a yardstick. */
@NullMarked
package dev.keepalive.bench.slices;

import org.jspecify.annotations.NullMarked;
