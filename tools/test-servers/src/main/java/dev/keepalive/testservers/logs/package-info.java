/** Keeps the output of tests quiet: what a test prints and logs is shown only if the test fails. */
@NullMarked
package dev.keepalive.testservers.logs;

import org.jspecify.annotations.NullMarked;
