/**
 * A model-based fuzzer of the state machine. It plays random events in random order against the machine and a naive
 * model, which makes the same decisions in slow and plain ways and says which effects must be seen.
 */
@NullMarked
package dev.keepalive.fuzz;

import org.jspecify.annotations.NullMarked;
