/**
 * Proofs of the concurrent shell. The jcstress tests are here, beside what they have in common with the Lincheck tests.
 */
@NullMarked
package dev.keepalive.stress;

import org.jspecify.annotations.NullMarked;
