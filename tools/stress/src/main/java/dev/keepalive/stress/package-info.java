/**
 * Stress tests of the concurrent manager: jcstress tests here, and what they share with the Lincheck tests in the test
 * folder.
 */
@NullMarked
package dev.keepalive.stress;

import org.jspecify.annotations.NullMarked;
