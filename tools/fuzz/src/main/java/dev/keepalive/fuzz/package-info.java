/**
 * The model fuzzer of the state machine: random events in random order against a naive model that decides the same, in
 * slow and plain ways, and says what must be seen.
 */
@NullMarked
package dev.keepalive.fuzz;

import org.jspecify.annotations.NullMarked;
